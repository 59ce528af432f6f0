/** One table of a partial in the making: its rows, and the ways in and out of it. */

import { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import type { RankedRows } from "./group-rows.js";
import type { TableSize } from "./partial-format.js";
import { RowMerger } from "./row-merger.js";
import type { RowSchema } from "./row-schema.js";
import { Sealer } from "./seal.js";

const RANK_ALIGNMENT = 8;

export class PartialTable {
  readonly schema: RowSchema;
  readonly groups: GroupTable;
  readonly merger: RowMerger;
  readonly sealer: Sealer;
  readonly #kernels: Kernels;
  #ranks: Region | undefined;

  /** `slotSeed` varies the places of slots, never the order of partials. */
  constructor(kernels: Kernels, schema: RowSchema, batch: Batch, slotSeed: bigint) {
    this.#kernels = kernels;
    this.schema = schema;
    this.groups = new GroupTable(kernels, schema.accumulatorBytes, slotSeed);
    this.merger = new RowMerger(kernels, this.groups, schema, batch);
    this.sealer = new Sealer(kernels, this.groups);
  }

  /** The rows, and the values of an accumulator that `rankRows` reads as `kind`; valid until the next call. */
  rank(offset: number, kind: number): RankedRows {
    const { memory, call } = this.#kernels;
    const { rowCount } = this.groups;
    const neededBytes = rowCount * (Uint32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT) + RANK_ALIGNMENT;
    if (this.#ranks === undefined || this.#ranks.sizeBytes < neededBytes) this.#ranks = memory.allocate(neededBytes);
    const values = this.#ranks.address;
    const rows = values + rowCount * Float64Array.BYTES_PER_ELEMENT;
    let count = 0;
    for (const { start, end } of this.groups.blocks()) {
      count += call.rankRows(this.groups.address, start, end, offset, kind, rows + count * 4, values + count * 8);
    }
    const { buffer } = memory.bytes;
    return { rows: new Uint32Array(buffer, rows, count), ranks: new Float64Array(buffer, values, count) };
  }

  get size(): TableSize {
    const { rowCount, rowsBytes } = this.groups;
    return { schema: this.schema, rowCount, rowsBytes };
  }
}
