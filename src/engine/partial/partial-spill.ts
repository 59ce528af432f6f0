/**
 * Keeps the tables of a partial within a budget: when they outgrow it, all their rows are put out of memory and they start
 * empty. Brought back together, range after range of the hash, equal keys meet again.
 */

import type { Kernels } from "../kernels/kernels.js";
import type { MemoryBudget } from "../spill-space.js";
import type { PartialTable } from "./partial-table.js";
import { RunWriter, SPILL_PARTS, type SpilledRun, SpilledTable } from "./spilled-table.js";

/** What a row takes besides its bytes when it is back in memory: slots, its rank, its place in an order. */
const ROW_OVERHEAD_BYTES = 96;

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

  /** To be called whenever rows came in. Throws a SpillError. */
  keepBounded(): void {
    let heldBytes = 0;
    for (const { groups } of this.#tables) heldBytes += groups.heldBytes;
    if (heldBytes > this.#budget.bytes) this.spill();
  }

  /** Puts all rows out of memory. */
  spill(): void {
    for (const [index, { groups }] of this.#tables.entries()) {
      if (groups.rowCount === 0) continue;
      const { call } = this.#kernels;
      const runs = this.#writer.write(groups, (start, end, entries) =>
        call.listRows(groups.address, start, end, entries),
      );
      this.#spilled[index]?.add(runs);
      groups.reset();
    }
  }

  /** What another thread spilled, or this one tells of. */
  get runs(): SpilledRuns {
    return this.#spilled.map(({ runs }) => runs);
  }

  adopt(runs: SpilledRuns): void {
    for (const [index, ofTable] of runs.entries()) this.#spilled[index]?.add(ofTable);
  }

  /** Brings the groups back, those of one range after the other, in the order of their hashes. */
  *ranges(): Iterable<void> {
    const [groups] = this.#tables;
    const [spilled] = this.#spilled;
    if (groups === undefined || spilled === undefined) return;
    for (const { from, end } of rangesOf(spilled, this.#budget.bytes)) {
      groups.groups.reset();
      spilled.mergeParts(from, end, groups.merger);
      yield;
    }
  }

  reset(): void {
    for (const spilled of this.#spilled) spilled.clear();
    this.#budget.space.clear();
  }
}

/** Cuts an order into ranges whose rows take about `capacityBytes` in memory, unless a single part takes more. */
function rangesOf(table: SpilledTable, capacityBytes: number): readonly PartRange[] {
  const ranges: PartRange[] = [];
  let from = 0;
  let heldBytes = 0;
  for (let part = 0; part < SPILL_PARTS; part += 1) {
    const { bytes, rows } = table.sizeOf(part);
    const addedBytes = bytes + rows * ROW_OVERHEAD_BYTES;
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
