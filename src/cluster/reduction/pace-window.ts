/**
 * How fast something got on of late, in bytes a millisecond. It is seen in jumps, so the time looked at begins with one and
 * is at least so long; while nothing comes it grows, and the pace falls.
 */
export class PaceWindow {
  readonly #leastMs: number;
  #older: Jump;
  #newer: Jump;

  /** From now on, with nothing done. */
  constructor(nowMs: number, leastMs: number, doneBytes = 0) {
    this.#leastMs = leastMs;
    this.#older = { atMs: nowMs, doneBytes };
    this.#newer = this.#older;
  }

  heard(nowMs: number, doneBytes: number): void {
    if (doneBytes <= this.#newer.doneBytes || nowMs - this.#newer.atMs < this.#leastMs) return;
    this.#older = this.#newer;
    this.#newer = { atMs: nowMs, doneBytes };
  }

  /** Of the time until now, when so much was done; undefined while that is too short. */
  pace(nowMs: number, doneBytes: number): number | undefined {
    const elapsedMs = nowMs - this.#older.atMs;
    return elapsedMs < this.#leastMs ? undefined : (doneBytes - this.#older.doneBytes) / elapsedMs;
  }
}

interface Jump {
  readonly atMs: number;
  readonly doneBytes: number;
}
