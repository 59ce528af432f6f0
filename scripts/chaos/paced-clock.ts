/**
 * Time for deadlines on a machine that others use too. A moment in which the event loop of a node was ready to run and had
 * to wait for a processor counts for nobody: deadlines scale with what the machine had time for, not with the wall.
 */

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const TICK_MS = 100;
/** However busy the machine is, this share of the elapsed time counts: a wait ends. */
const LEAST_SHARE = 1 / 20;
const POLL_MS = 100;

/** Time that a process's main thread has waited for a processor so far; 0 where the kernel does not say. */
function waitedMsOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** What of `elapsedMs` counts when the processes waited so long in it. */
export function countedMs(elapsedMs: number, waitedMs: readonly number[]): number {
  return Math.max(elapsedMs * LEAST_SHARE, elapsedMs - Math.max(0, ...waitedMs));
}

export class PacedClock {
  readonly #pids: () => readonly number[];
  readonly #waitedMs = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #tickedAtMs = performance.now();
  #nowMs = 0;

  /** `pids` are the processes whose waiting stops the clock. */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  start(): void {
    this.#tickedAtMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Monotonic; the epoch is the start of the clock. */
  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    while (this.#nowMs < endMs) await pause(Math.min(TICK_MS, endMs - this.#nowMs));
  }

  /** Looks until `look` gives something; undefined when that takes longer than `timeoutMs`. */
  async until<Found>(look: () => Promise<Found | undefined>, timeoutMs: number): Promise<Found | undefined> {
    const endMs = this.#nowMs + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.#nowMs > endMs) return undefined;
      await pause(POLL_MS);
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    const waits = this.#pids().map((pid) => {
      const waitedMs = waitedMsOf(pid);
      const sinceMs = waitedMs - (this.#waitedMs.get(pid) ?? waitedMs);
      this.#waitedMs.set(pid, waitedMs);
      return sinceMs;
    });
    this.#nowMs += countedMs(nowMs - this.#tickedAtMs, waits);
    this.#tickedAtMs = nowMs;
  }
}
