/** One table of a partial in the making: its rows, and the ways in and out of it. */

import { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import type { Batch } from "../operators/batch.js";
import type { TableSize } from "./partial-format.js";
import { RowMerger } from "./row-merger.js";
import type { RowSchema } from "./row-schema.js";
import { Sealer } from "./seal.js";

export class PartialTable {
  readonly schema: RowSchema;
  readonly groups: GroupTable;
  readonly merger: RowMerger;
  readonly sealer: Sealer;

  /** `slotSeed` varies the places of slots, never the order of partials. */
  constructor(kernels: Kernels, schema: RowSchema, batch: Batch, slotSeed: bigint) {
    this.schema = schema;
    this.groups = new GroupTable(kernels, schema.accumulatorBytes, slotSeed);
    this.merger = new RowMerger(kernels, this.groups, schema, batch);
    this.sealer = new Sealer(kernels, this.groups);
  }

  get size(): TableSize {
    const { rowCount, rowsBytes } = this.groups;
    return { schema: this.schema, rowCount, rowsBytes };
  }
}
