/** Simulated time: a heap of (time, sequence), so that equal seeds run the same events in the same order. */

import type { Cancel } from "../../src/node/ports/clock.js";

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  run: (() => void) | undefined;
}

const isBefore = (left: Event, right: Event): boolean =>
  left.atMs !== right.atMs ? left.atMs < right.atMs : left.sequence < right.sequence;

export class SimulatedTime {
  nowMs = 0;
  #sequence = 0;
  readonly #heap: Event[] = [];

  /** Runs something `delayMs` from now. */
  schedule(delayMs: number, run: () => void): Cancel {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), sequence: this.#sequence++, run };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** Runs everything due until `endMs`, or until `isOver` says so. */
  runUntil(endMs: number, isOver: () => boolean = () => false): void {
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= endMs; event = this.#heap[0]) {
      this.#pop();
      this.nowMs = event.atMs;
      event.run?.();
      if (isOver()) return;
    }
    this.nowMs = endMs;
  }

  #push(event: Event): void {
    let at = this.#heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = event;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      const left = this.#heap[below];
      if (left === undefined) break;
      const right = this.#heap[below + 1];
      const smaller = right !== undefined && isBefore(right, left) ? right : left;
      if (smaller === right) below += 1;
      if (!isBefore(smaller, last)) break;
      this.#heap[at] = smaller;
      at = below;
    }
    this.#heap[at] = last;
  }
}
