/** Merges rows of elsewhere into a table: a copy into this thread's memory, a lookup of the keys, a merge per aggregate. */

import type { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { BATCH_ROWS, LOAD_SLACK_BYTES, ROW } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import { PartialError } from "./partial-error.js";
import type { OpenedRows } from "./partial-format.js";
import type { RowSchema } from "./row-schema.js";

const COPY_BYTES = 512 * 1024;

/** Rows that lie somewhere else. */
export interface RowSource {
  readonly length: number;
  /** Fills `target` with the bytes from `offset` on. */
  copyTo(target: Uint8Array, offset: number): void;
}

const sourceOf = (rows: Uint8Array): RowSource => ({
  length: rows.length,
  copyTo: (target, offset) => target.set(rows.subarray(offset, offset + target.length)),
});

export class RowMerger {
  readonly #kernels: Kernels;
  readonly #table: GroupTable;
  readonly #schema: RowSchema;
  readonly #batch: Batch;
  #copied: Region;

  constructor(kernels: Kernels, table: GroupTable, schema: RowSchema, batch: Batch) {
    this.#kernels = kernels;
    this.#table = table;
    this.#schema = schema;
    this.#batch = batch;
    this.#copied = kernels.memory.allocate(COPY_BYTES);
  }

  /** Merges whole rows that this process made: not checked again. After each part of them `onMerged` is called. */
  mergeTrusted(rows: Uint8Array, onMerged?: () => void): void {
    this.mergeFrom(sourceOf(rows), onMerged);
  }

  /** As {@link mergeTrusted}, of rows that are not in memory. */
  mergeFrom(rows: RowSource, onMerged?: () => void): void {
    let offset = 0;
    while (offset < rows.length) {
      const { address, length } = this.#copy(rows, offset);
      const end = this.#kernels.call.endOfWholeRows(this.#table.address, address, address + length) >>> 0;
      if (end === address) {
        this.#enlarge(rows, offset, length);
        continue;
      }
      this.#merge(address, end);
      offset += end - address;
      onMerged?.();
    }
  }

  /** Checks every row of a table of a partial, and merges none; throws a {@link PartialError} if one is wrong. */
  check({ rows: bytes, rowCount }: OpenedRows): void {
    const rows = sourceOf(bytes);
    let offset = 0;
    let counted = 0;
    // The last row of a copy stands in front of the next one, so that the order is checked across copies.
    let previousOffset = -1;
    while (offset < rows.length) {
      const from = previousOffset < 0 ? offset : previousOffset;
      const { address, length } = this.#copy(rows, from);
      const { last, end, count } = this.#checkCopy(address, address + length, previousOffset >= 0);
      const checkedTo = from + (end - address);
      if (checkedTo === offset) {
        const isWhole = from + length === rows.length;
        if (isWhole || this.#isWrong(end, address + length)) throw wrongRow(offset);
        this.#enlarge(rows, from, length);
        continue;
      }
      counted += count;
      previousOffset = from + (last - address);
      offset = checkedTo;
    }
    if (counted !== rowCount) {
      throw new PartialError("malformed", `A partial has ${counted} rows, not ${rowCount} as it says; pull it again`);
    }
  }

  /** Checks the rows in [start, end), the first of which was checked before if `isFirstKnown`. */
  #checkCopy(start: number, end: number, isFirstKnown: boolean): { last: number; end: number; count: number } {
    const { call, memory } = this.#kernels;
    const { fixedKeys, stringKeys } = this.#schema;
    const checkedTo = call.checkRows(this.#table.address, 0, start, end, fixedKeys, stringKeys) >>> 0;
    let count = isFirstKnown ? -1 : 0;
    let last = start;
    for (let row = start; row < checkedTo; count += 1) {
      last = row;
      row += this.#table.rowBytes(memory.view.getUint32(row + ROW.keyLength, true));
    }
    return { last, end: checkedTo, count };
  }

  /** Whether a row that is not good would have fitted, so that it is wrong, not cut. */
  #isWrong(row: number, end: number): boolean {
    if (end - row < ROW.accumulators) return false;
    return row + this.#table.rowBytes(this.#kernels.memory.view.getUint32(row + ROW.keyLength, true)) <= end;
  }

  #copy(rows: RowSource, offset: number): { readonly address: number; readonly length: number } {
    const { address, sizeBytes } = this.#copied;
    const length = Math.min(rows.length - offset, sizeBytes - LOAD_SLACK_BYTES);
    rows.copyTo(this.#kernels.memory.bytes.subarray(address, address + length), offset);
    return { address, length };
  }

  /** A row did not fit into the copy. */
  #enlarge(rows: RowSource, offset: number, length: number): void {
    if (offset + length === rows.length) throw wrongRow(offset);
    this.#copied = this.#kernels.memory.allocate(this.#copied.sizeBytes * 2);
  }

  #merge(from: number, end: number): void {
    const { call, memory } = this.#kernels;
    const { probe, sources, groups } = this.#batch;
    let row = from;
    while (row < end) {
      const count = call.probeRows(this.#table.address, probe, sources, row, end, BATCH_ROWS);
      this.#table.lookup(probe, count);
      for (const { aggregate, offset } of this.#schema.accumulators) {
        aggregate.mergeKernel(call)(groups, sources, count, offset);
      }
      const last = memory.view.getUint32(sources + (count - 1) * 4, true);
      row = last + this.#table.rowBytes(memory.view.getUint32(last + ROW.keyLength, true));
    }
  }
}

const wrongRow = (offset: number): PartialError =>
  new PartialError("malformed", `A partial's row at byte ${offset} of its rows is wrong; pull it again`);
