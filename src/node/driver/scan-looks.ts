/**
 * When a scan that takes long looks whether its files are still the manifest's: a node may be slow, and a span large, and
 * what is read of a file that was cut is read in vain.
 */

import type { Clock } from "../ports/clock.js";

/** The first look at a scan that takes so long; each further one after twice the pause. */
const FIRST_LOOK_MS = 1000;

export class ScanLooks {
  readonly #clock: Clock;
  #pauseMs = FIRST_LOOK_MS;
  #nextAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#nextAtMs = clock.nowMs() + this.#pauseMs;
  }

  /** Whether to look now; to be asked as the scan gets on. */
  isDue(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nextAtMs) return false;
    this.#pauseMs *= 2;
    this.#nextAtMs = nowMs + this.#pauseMs;
    return true;
  }
}
