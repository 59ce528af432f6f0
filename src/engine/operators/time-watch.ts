/** Which times the rows of a range have, noted while a plan that reads them is computed. */

import type { Address } from "../kernels/kernel-exports.js";
import type { TimeSpan } from "../plan-time.js";
import type { Batch, Column } from "./batch.js";

const NO_LEAST = 2n ** 63n - 1n;
const NO_MOST = -(2n ** 63n);
const MOST_OFFSET = 8;

export class TimeWatch {
  readonly #batch: Batch;
  readonly #time: Column;
  readonly #bounds: Address;
  #isOn = false;
  /** Malformed fields of the rows since {@link begin}. */
  malformedFields = 0;

  constructor(batch: Batch, time: Column) {
    this.#batch = batch;
    this.#time = time;
    this.#bounds = batch.storeIntegers([NO_LEAST, NO_MOST]);
  }

  /** Another range begins, whose times somebody wants or not. */
  begin(isWanted: boolean): void {
    this.#isOn = isWanted;
    const { view } = this.#batch.kernels.memory;
    view.setBigInt64(this.#bounds, NO_LEAST, true);
    view.setBigInt64(this.#bounds + MOST_OFFSET, NO_MOST, true);
    this.malformedFields = 0;
  }

  /** Takes in the first `rows` rows of the batch, before any filter. */
  note(rows: number): void {
    if (!this.#isOn) return;
    const { kernels, live } = this.#batch;
    kernels.call.widenBounds(this.#time.vector, live, this.#bounds, rows);
  }

  /** Null when no row had a time. */
  get times(): TimeSpan | null {
    const { view } = this.#batch.kernels.memory;
    const least = view.getBigInt64(this.#bounds, true);
    const most = view.getBigInt64(this.#bounds + MOST_OFFSET, true);
    return least > most ? null : { least, most };
  }
}
