/** What happened in a run, as one hash: equal seeds have equal traces, event by event. */

import { murmur3 } from "../../src/base/ring-hash.js";
import type { SimulatedTime } from "./simulated-time.js";

export class Trace {
  hash = 0;
  readonly #time: SimulatedTime;
  readonly #onLine: ((line: string) => void) | undefined;

  /** `onLine` hears every event as text. */
  constructor(time: SimulatedTime, onLine: ((line: string) => void) | undefined) {
    this.#time = time;
    this.#onLine = onLine;
  }

  event(text: string): void {
    this.hash = murmur3(`${this.#time.nowMs} ${text}`, this.hash);
    this.#onLine?.(`${this.#time.nowMs.toFixed(3)} ${text}`);
  }

  /** One of the many messages: hashed by its numbers, and made text only for a reader. */
  message(verb: string, from: number, to: number, bytes: number): void {
    let hash = Math.imul(this.hash ^ (this.#time.nowMs * 1000), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (from * 4096 + to), 0xc2b2ae35);
    this.hash = Math.imul(hash ^ (hash >>> 13) ^ bytes ^ verb.length, 0x9e3779b1) >>> 0;
    this.#onLine?.(`${this.#time.nowMs.toFixed(3)} ${verb} n${from} n${to} ${bytes}`);
  }
}
