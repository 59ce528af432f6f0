/**
 * The details of a side table that was spilled, brought into the order of their groups, so that a range of groups meets its
 * details. What only counts details keeps their number instead of them: ten million distinct values of one group would
 * have to be in memory together otherwise.
 */

import { COUNT } from "../functions/aggregates/count.js";
import type { AddressRange } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { BATCH_ROWS, LOAD_SLACK_BYTES, ROW } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import { PartialTable } from "./partial-table.js";
import { type RowSchema, rowSchema } from "./row-schema.js";
import { longestBlockBytes, SideIndex } from "./side-index.js";
import type { RunWriter, SpilledTable } from "./spilled-table.js";

const COUNTED_KEYS_BYTES = 512 * 1024;

/** What regrouping works with. */
export interface RegroupContext {
  readonly kernels: Kernels;
  readonly writer: RunWriter;
  readonly groups: RowSchema;
}

/** Writes the rows that a side table has now, parted by the hashes of their groups. */
export class SideRegrouper {
  readonly spilled: SpilledTable;
  readonly #context: RegroupContext;
  #key: Region | undefined;

  constructor(context: RegroupContext, spilled: SpilledTable) {
    this.#context = context;
    this.spilled = spilled;
  }

  write({ groups: table, schema }: PartialTable): void {
    const { kernels, writer, groups } = this.#context;
    const keyBytes = longestBlockBytes(table) + LOAD_SLACK_BYTES;
    if (this.#key === undefined || this.#key.sizeBytes < keyBytes) this.#key = kernels.memory.allocate(keyBytes);
    const key = this.#key.address;
    const { fixedKeys, stringKeys } = groups;
    const isText = schema.stringKeys > stringKeys ? 1 : 0;
    const runs = writer.write(table, (start, end, entries) =>
      kernels.call.listGroupHashes(table.address, start, end, fixedKeys, stringKeys, isText, key, entries),
    );
    this.spilled.add(runs);
  }
}

/** For each group the number of its details: a table whose rows have the group's key, and an i64 0 as the detail. */
export class DetailCounter {
  readonly table: PartialTable;
  /** Finds the number of a group. */
  readonly index: SideIndex;
  readonly #kernels: Kernels;
  readonly #groups: RowSchema;
  readonly #batch: Batch;
  readonly #counted: Region;
  #keys: Region | undefined;

  constructor(kernels: Kernels, groups: PartialTable, batch: Batch, slotSeed: bigint) {
    const keyTypes = [...groups.schema.keys.map(({ type }) => type), "i64" as const];
    const schema = rowSchema(keyTypes, [{ aggregate: COUNT, argumentType: "i64" }]);
    this.table = new PartialTable(kernels, schema, batch, slotSeed);
    this.index = new SideIndex(kernels, groups, this.table, true);
    this.#kernels = kernels;
    this.#groups = groups.schema;
    this.#batch = batch;
    this.#counted = kernels.memory.allocate(4);
  }

  /** Counts the rows that a side table has now; none may be counted twice. After each batch `onCounted` is called. */
  count(side: PartialTable, onCounted: () => void): void {
    const neededBytes = COUNTED_KEYS_BYTES + longestBlockBytes(side.groups) + LOAD_SLACK_BYTES;
    if (this.#keys === undefined || this.#keys.sizeBytes < neededBytes) {
      this.#keys = this.#kernels.memory.allocate(neededBytes);
    }
    for (const block of side.groups.blocks()) this.#countBlock(side, block, this.#keys.address, onCounted);
  }

  #countBlock(side: PartialTable, { start, end }: AddressRange, keys: number, onCounted: () => void): void {
    const { call, memory } = this.#kernels;
    const { probe, groups: found } = this.#batch;
    const { fixedKeys, stringKeys } = this.#groups;
    const isText = side.schema.stringKeys > stringKeys ? 1 : 0;
    const counted = this.#counted.address;
    for (let row = start; row < end; ) {
      row =
        call.probeDetailGroups(
          side.groups.address,
          row,
          end,
          BATCH_ROWS,
          fixedKeys,
          stringKeys,
          isText,
          keys,
          COUNTED_KEYS_BYTES,
          probe,
          counted,
        ) >>> 0;
      const count = memory.view.getUint32(counted, true);
      this.table.groups.lookup(probe, count);
      call.countRows(found, count, ROW.accumulators);
      onCounted();
    }
  }
}
