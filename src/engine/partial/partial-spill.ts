/**
 * Keeps the tables of a partial within a budget: when they outgrow it, all their rows are put out of memory and they start
 * empty. Brought back together, range after range of the hash, equal keys meet again.
 */

import { assert } from "../../base/assert.js";
import { formatByteSize } from "../../base/byte-size.js";
import type { Kernels } from "../kernels/kernels.js";
import { type MemoryBudget, SpillError } from "../spill-space.js";
import type { DetailPruner } from "./detail-pruner.js";
import type { PartialTable } from "./partial-table.js";
import { type DetailCounter, type RegroupContext, SideRegrouper } from "./regrouped-side.js";
import type { RowSchema } from "./row-schema.js";
import { RunWriter, SPILL_PARTS, type SpilledRun, SpilledTable } from "./spilled-table.js";

/** What a row takes besides its bytes when it is back in memory: slots, its rank, its place in an order. */
const ROW_OVERHEAD_BYTES = 96;
/** What the value of a listed aggregate takes, which is computed once for each group and kept for comparisons. */
const LISTED_VALUE_BYTES = 160;

/** The runs of each table, as threads tell each other of them. */
export type SpilledRuns = readonly (readonly SpilledRun[])[];

/** Parts of an order, half-open, that fit the memory together. */
interface PartRange {
  readonly from: number;
  readonly end: number;
}

export class PartialSpill {
  readonly #kernels: Kernels;
  readonly #tables: readonly PartialTable[];
  readonly #budget: MemoryBudget;
  readonly #writer: RunWriter;
  readonly #spilled: readonly SpilledTable[];

  constructor(kernels: Kernels, tables: readonly PartialTable[], budget: MemoryBudget) {
    this.#kernels = kernels;
    this.#tables = tables;
    this.#budget = budget;
    this.#writer = new RunWriter(kernels, budget.space);
    this.#spilled = tables.map(() => new SpilledTable(budget.space));
  }

  get isSpilled(): boolean {
    return this.#spilled.some(({ runs }) => runs.length > 0);
  }

  /** To be called whenever rows came in; `workingBytes` are needed besides the tables. Throws a SpillError. */
  keepBounded(workingBytes: number): void {
    let heldBytes = workingBytes;
    for (const { groups } of this.#tables) heldBytes += groups.heldBytes;
    if (heldBytes > this.#budget.bytes) this.spill();
  }

  /** Puts all rows out of memory. */
  spill(): void {
    for (const [index, table] of this.#tables.entries()) {
      this.#spillTable({ table, spilled: this.#spilledOf(index) });
    }
  }

  /** What another thread spilled, or this one tells of. */
  get runs(): SpilledRuns {
    return this.#spilled.map(({ runs }) => runs);
  }

  adopt(runs: SpilledRuns): void {
    for (const [index, ofTable] of runs.entries()) this.#spilled[index]?.add(ofTable);
  }

  reset(): void {
    for (const spilled of this.#spilled) spilled.clear();
    this.#budget.space.clear();
  }

  /**
   * Brings the rows of a table back, those of one range after the other, in the order of a partial's rows; those of a side
   * table with a pruner without the details that it drops.
   */
  *rangesOfTable(index: number, groupSchema: RowSchema, pruner?: DetailPruner): Iterable<PartialTable> {
    const table = this.#tables[index];
    assert(table !== undefined, `the partial has a table ${index}`);
    const whole = { table, spilled: this.#spilledOf(index) };
    const stored = pruner === undefined ? whole : this.#prune(whole, groupSchema, pruner);
    for (const range of rangesOf([stored], this.#budget.bytes)) {
      bringBack(stored, range);
      yield table;
    }
  }

  /** All details of a group have to be together for that. */
  #prune(side: StoredTable, groupSchema: RowSchema, pruner: DetailPruner): StoredTable {
    const context = { kernels: this.#kernels, writer: this.#writer, groups: groupSchema };
    const regrouper = new SideRegrouper(context, new SpilledTable(this.#budget.space));
    this.#regroupAll(side, regrouper);
    const regrouped = { table: side.table, spilled: regrouper.spilled };
    const pruned = { table: side.table, spilled: new SpilledTable(this.#budget.space) };
    for (const range of rangesOf([regrouped], this.#budget.bytes)) {
      bringBack(regrouped, range);
      pruner.prune();
      this.#spillTable(pruned);
    }
    return pruned;
  }

  /** What the rows of each table take out of memory, where equal keys are still apart. */
  get storedBytes(): readonly number[] {
    return this.#spilled.map(({ runs }) => runs.reduce((sum, { partEnds }) => sum + (partEnds.at(-1) ?? 0), 0));
  }

  /**
   * Brings the groups back with their details, those of one range of the groups' hashes after the other; what was spilled
   * stays. Each group has `listedCount` values of listed aggregates. A side table that has a counter is counted, and the counter's table filled in its place. Throws a SpillError
   * where the details of a group are too many to be in memory.
   */
  *ranges(
    groupSchema: RowSchema,
    listedCount: number,
    counters: readonly (DetailCounter | undefined)[],
  ): Iterable<void> {
    const [groups, ...sides] = this.#tables.map((table, index) => ({ table, spilled: this.#spilledOf(index) }));
    if (groups === undefined) return;
    const context = { kernels: this.#kernels, writer: this.#writer, groups: groupSchema };
    const regrouped = sides.map((side, index) => this.#regroup(side, context, counters[index]));
    const { bytes } = this.#budget;
    refuseLargeParts(regrouped, bytes);
    for (const range of rangesOf([groups, ...regrouped], bytes, listedCount * LISTED_VALUE_BYTES)) {
      // All first, so that one takes the memory that another has no use for.
      for (const { table } of [groups, ...regrouped]) table.groups.release();
      for (const stored of [groups, ...regrouped]) bringBack(stored, range);
      yield;
    }
  }

  /** Puts the rows of a side table, or what its counter makes of them, in the order of their groups. */
  #regroup(side: StoredTable, context: RegroupContext, counter: DetailCounter | undefined): StoredTable {
    const regrouper = new SideRegrouper(context, new SpilledTable(this.#budget.space));
    if (counter === undefined) {
      this.#regroupAll(side, regrouper);
      return { table: side.table, spilled: regrouper.spilled };
    }
    const counts = { table: counter.table, spilled: new SpilledTable(this.#budget.space) };
    const halfBytes = this.#budget.bytes / 2;
    for (const range of rangesOf([side], halfBytes)) {
      bringBack(side, range);
      counter.count(side.table, () => {
        if (counter.table.groups.heldBytes > halfBytes) this.#spillTable(counts);
      });
    }
    side.table.groups.release();
    if (counts.spilled.runs.length === 0) {
      regrouper.write(counter.table);
      counter.table.groups.release();
    } else {
      this.#spillTable(counts);
      this.#regroupAll(counts, regrouper);
    }
    return { table: counter.table, spilled: regrouper.spilled };
  }

  #regroupAll(stored: StoredTable, regrouper: SideRegrouper): void {
    for (const range of rangesOf([stored], this.#budget.bytes)) {
      bringBack(stored, range);
      regrouper.write(stored.table);
    }
    stored.table.groups.release();
  }

  #spillTable({ table: { groups }, spilled }: StoredTable): void {
    const { call } = this.#kernels;
    spilled.add(
      this.#writer.write(groups, (start, end, entries) => call.listRows(groups.address, start, end, entries)),
    );
    groups.release();
  }

  #spilledOf(index: number): SpilledTable {
    const spilled = this.#spilled[index];
    assert(spilled !== undefined, `the partial has a table ${index}`);
    return spilled;
  }
}

/** A table, and rows of it that are out of memory. */
interface StoredTable {
  readonly table: PartialTable;
  readonly spilled: SpilledTable;
}

function bringBack({ table, spilled }: StoredTable, { from, end }: PartRange): void {
  table.groups.reset();
  spilled.mergeParts(from, end, table.merger);
}

const heldBytesOf = ({ spilled }: StoredTable, part: number, extraRowBytes = 0): number => {
  const { bytes, rows } = spilled.sizeOf(part);
  return bytes + rows * (ROW_OVERHEAD_BYTES + extraRowBytes);
};

/**
 * Cuts an order into ranges whose rows take about `capacityBytes` in memory, unless a single part takes more. Those of the
 * first table take `extraRowBytes` each besides.
 */
function rangesOf(tables: readonly StoredTable[], capacityBytes: number, extraRowBytes = 0): readonly PartRange[] {
  const ranges: PartRange[] = [];
  let from = 0;
  let heldBytes = 0;
  for (let part = 0; part < SPILL_PARTS; part += 1) {
    const addedBytes = tables.reduce(
      (sum, table, index) => sum + heldBytesOf(table, part, index === 0 ? extraRowBytes : 0),
      0,
    );
    if (heldBytes > 0 && heldBytes + addedBytes > capacityBytes) {
      ranges.push({ from, end: part });
      from = part;
      heldBytes = 0;
    }
    heldBytes += addedBytes;
  }
  if (heldBytes > 0) ranges.push({ from, end: SPILL_PARTS });
  return ranges;
}

/** Hashes spread groups, but the details of one group stay together. */
function refuseLargeParts(sides: readonly StoredTable[], capacityBytes: number): void {
  for (const side of sides) {
    for (let part = 0; part < SPILL_PARTS; part += 1) {
      const neededBytes = heldBytesOf(side, part);
      if (neededBytes <= capacityBytes) continue;
      throw new SpillError(
        "memory",
        `The values that an aggregate keeps of one group take ${formatByteSize(neededBytes)}, and a thread has ${formatByteSize(capacityBytes)} for all: raise --memory, use fewer --threads, or an approximate aggregate`,
      );
    }
  }
}
