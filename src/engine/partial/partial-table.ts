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

/** A double, the row's address, and room for the address of a row that is ahead. */
const RANK_BYTES = 16;

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

  /** All rows, ranked by an accumulator that `rankRows` reads as `kind`: a block at a time, in memory that stays near. */
  *rank(offset: number, kind: number): Iterable<RankedRows> {
    const { memory, call } = this.#kernels;
    for (const { start, end } of this.groups.blocks()) {
      const mostRows = Math.ceil((end - start) / this.groups.rowBytes(0));
      this.#ranks = memory.enlarge(this.#ranks, mostRows * RANK_BYTES);
      const values = this.#ranks.address;
      const rows = values + mostRows * 8;
      const ahead = rows + mostRows * 4;
      yield {
        count: call.rankRows(this.groups.address, start, end, offset, kind, rows, values),
        rowsAhead: (from, to, { sign, missing }, worst) => {
          const found = call.rowsAhead(rows, values, from, to, sign, missing, worst, ahead);
          return new Uint32Array(memory.bytes.buffer, ahead, found);
        },
      };
    }
  }

  get size(): TableSize {
    const { rowCount, rowsBytes } = this.groups;
    return { schema: this.schema, rowCount, rowsBytes };
  }
}
