/**
 * Looks up the groups of the rows of a side table in a table of their own: the keys there are the group's, with an i64 0
 * behind the fixed ones.
 */

import type { GroupTable } from "../kernels/group-table.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { Kernels } from "../kernels/kernels.js";
import { BATCH_ROWS, LOAD_SLACK_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import type { PartialTable } from "./partial-table.js";
import type { RowSchema } from "./row-schema.js";
import { longestBlockBytes } from "./side-index.js";

const KEYS_BYTES = 512 * 1024;

/** Rows of a side table whose groups were looked up: `count` from `row` on, and the rows of their groups. */
export type OnFound = (row: Address, count: number, found: Address) => void;

export class GroupProbe {
  readonly #kernels: Kernels;
  readonly #groups: RowSchema;
  readonly #batch: Batch;
  readonly #counted: Region;
  #keys: Region | undefined;

  constructor(kernels: Kernels, groups: RowSchema, batch: Batch) {
    this.#kernels = kernels;
    this.#groups = groups;
    this.#batch = batch;
    this.#counted = kernels.memory.allocate(4);
  }

  /** Finds or makes in `table` the group of every row that a side table has now. */
  lookup(side: PartialTable, table: GroupTable, onFound: OnFound): void {
    const neededBytes = KEYS_BYTES + longestBlockBytes(side.groups) + LOAD_SLACK_BYTES;
    if (this.#keys === undefined || this.#keys.sizeBytes < neededBytes) {
      this.#keys = this.#kernels.memory.allocate(neededBytes);
    }
    const { call, memory } = this.#kernels;
    const { fixedKeys, stringKeys } = this.#groups;
    const isText = side.schema.stringKeys > stringKeys ? 1 : 0;
    const layout = [fixedKeys, stringKeys, isText, this.#keys.address, KEYS_BYTES] as const;
    const { probe, groups } = this.#batch;
    const counted = this.#counted.address;
    for (const { start, end } of side.groups.blocks()) {
      for (let row = start; row < end; ) {
        const next = call.probeDetailGroups(side.groups.address, row, end, BATCH_ROWS, ...layout, probe, counted) >>> 0;
        const count = memory.view.getUint32(counted, true);
        table.lookup(probe, count);
        onFound(row, count, groups);
        row = next;
      }
    }
  }
}
