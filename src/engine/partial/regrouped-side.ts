/**
 * The details of a side table that was spilled, brought into the order of their groups, so that a range of groups meets its
 * details. What only counts details keeps their number instead of them: ten million distinct values of one group would
 * have to be in memory together otherwise.
 */

import { COUNT } from "../functions/aggregates/count.js";
import type { Kernels } from "../kernels/kernels.js";
import { LOAD_SLACK_BYTES, ROW } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import { GroupProbe } from "./group-probe.js";
import { PartialTable } from "./partial-table.js";
import { type RowSchema, rowSchema } from "./row-schema.js";
import { longestBlockBytes, SideIndex } from "./side-index.js";
import type { RunWriter, SpilledTable } from "./spilled-table.js";

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
  readonly #probe: GroupProbe;

  constructor(kernels: Kernels, groups: PartialTable, batch: Batch, slotSeed: bigint) {
    const keyTypes = [...groups.schema.keys.map(({ type }) => type), "i64" as const];
    const schema = rowSchema(keyTypes, [{ aggregate: COUNT, argumentType: "i64" }]);
    this.table = new PartialTable(kernels, schema, batch, slotSeed);
    this.index = new SideIndex(kernels, groups, this.table, { isCounted: true, isOnlyCounted: false });
    this.#kernels = kernels;
    this.#probe = new GroupProbe(kernels, groups.schema, batch);
  }

  /** Counts the rows that a side table has now; none may be counted twice. After each batch `onCounted` is called. */
  count(side: PartialTable, onCounted: () => void): void {
    this.#probe.lookup(side, this.table.groups, (_row, count, found) => {
      this.#kernels.call.countRows(found, count, ROW.accumulators);
      onCounted();
    });
  }
}
