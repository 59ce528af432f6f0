/** When the members are written down: once they have changed, and not again for a while. */

export class RememberPace {
  readonly #pauseMs: number;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #isUnwritten = false;

  /** Between two writes there are `pauseMs` at least: a flapping member must not wear the disk. */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  changed(): void {
    this.#isUnwritten = true;
  }

  /** Whether to write now; asked once for each write. */
  isDue(nowMs: number): boolean {
    if (!this.#isUnwritten || nowMs - this.#writtenAtMs < this.#pauseMs) return false;
    this.#isUnwritten = false;
    this.#writtenAtMs = nowMs;
    return true;
  }
}
