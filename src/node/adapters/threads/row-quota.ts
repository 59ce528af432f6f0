/**
 * Lets the threads of one scan stop together once the first rows in the order of the input are certain: as soon as the
 * chunks up to some place hold enough of them, nothing behind that place can be part of the answer. Which rows are shown
 * does not depend on it; how many lines were read does.
 */

import { inputOrderLimit, type MapPlan } from "../../../engine/plan.js";

/** Index of the last chunk that matters; then, for each chunk, 0 while it is scanned, else 1 + its rows. */
const LAST_CHUNK = 0;
const FIRST_COUNT = 1;
const MAX_COUNT = 2 ** 31 - 2;

/** See `quotaOf`. */
export class RowQuota {
  readonly #limit: number;
  readonly #shared: Int32Array;

  /** `shared` is from {@link makeQuota}, the same in all threads. */
  constructor(limit: number, shared: Int32Array) {
    this.#limit = limit;
    this.#shared = shared;
  }

  /** Whether a chunk that has given `rows` so far need not be read any further. */
  isEnough(chunk: number, rows: number): boolean {
    return rows >= this.#limit || this.isBeyond(chunk);
  }

  isBeyond(chunk: number): boolean {
    return chunk > Atomics.load(this.#shared, LAST_CHUNK);
  }

  /** Takes down that a chunk is done. */
  note(chunk: number, rows: number): void {
    Atomics.store(this.#shared, FIRST_COUNT + chunk, 1 + Math.min(rows, MAX_COUNT));
    let total = 0;
    for (let index = 0; FIRST_COUNT + index < this.#shared.length; index += 1) {
      const noted = Atomics.load(this.#shared, FIRST_COUNT + index);
      if (noted === 0) return;
      total += noted - 1;
      if (total >= this.#limit) {
        Atomics.store(this.#shared, LAST_CHUNK, index);
        return;
      }
    }
  }
}

/** The quota of a plan whose scan may stop early; undefined for others. */
export function quotaOf(map: MapPlan, shared: Int32Array): RowQuota | undefined {
  const limit = inputOrderLimit(map);
  return limit === undefined ? undefined : new RowQuota(limit, shared);
}

/** Shared memory for a quota over `chunks` chunks. */
export function makeQuota(chunks: number): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer((FIRST_COUNT + chunks) * Int32Array.BYTES_PER_ELEMENT));
  shared[LAST_CHUNK] = chunks;
  return shared;
}
