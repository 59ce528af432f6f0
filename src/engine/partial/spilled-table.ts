/**
 * The rows of one table that were put out of memory. They lie in runs, each of which is parted by the highest bits of an
 * order, its rows' hash: so the rows of any range of that order can be brought back from all runs without the others.
 */

import type { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { SORT_COUNTER_BYTES, SORT_ENTRY_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { SpillHandle, SpillSpace } from "../spill-space.js";
import type { RowMerger } from "./row-merger.js";

/** Parts of a run: what one pass of the radix sort tells apart. */
export const SPILL_PARTS = 2048;
const PART_SHIFT = 64 - 11;
/** Rows that are ordered at once, about; the memory for it comes on top of the budget. */
const RUN_ROWS = 2 ** 18;
const GATHER_BYTES = 1024 * 1024;

/** A run, as threads tell each other of it. */
export interface SpilledRun {
  readonly handle: SpillHandle;
  /** Of its first byte in its space. */
  readonly position: number;
  readonly rowCount: number;
  /** For each part, the bytes of the run up to its end. */
  readonly partEnds: Float64Array;
}

/** Lists {u64 order, u64 row} of the rows at [start, end); returns the address behind the last entry. */
export type ListEntries = (start: number, end: number, entries: number) => number;

/** Working memory for writing runs of any table: taken when the first one is written. */
export class RunWriter {
  readonly #kernels: Kernels;
  readonly #space: SpillSpace;
  #counters: Region | undefined;
  #entries: Region | undefined;
  #scratch: Region | undefined;
  #gathered: Region | undefined;
  #used = 0;

  constructor(kernels: Kernels, space: SpillSpace) {
    this.#kernels = kernels;
    this.#space = space;
  }

  /** Writes all rows of a table, which keeps them, as runs ordered by what `list` says. Throws a SpillError. */
  write(table: GroupTable, list: ListEntries): readonly SpilledRun[] {
    const { memory } = this.#kernels;
    this.#counters ??= memory.allocate(SORT_COUNTER_BYTES + 4);
    this.#gathered ??= memory.allocate(GATHER_BYTES);
    const blocks = table.blocks();
    const leastRowBytes = table.rowBytes(0);
    const runs: SpilledRun[] = [];
    for (let from = 0; from < blocks.length; ) {
      let end = from;
      let mostRows = 0;
      while (end < blocks.length && mostRows < RUN_ROWS) {
        const block = blocks[end];
        mostRows += block === undefined ? 0 : Math.ceil((block.end - block.start) / leastRowBytes);
        end += 1;
      }
      const { entries } = this.#listing(mostRows);
      let top = entries.address;
      for (const block of blocks.slice(from, end)) top = list(block.start, block.end, top) >>> 0;
      runs.push(this.#writeRun(table, (top - entries.address) / SORT_ENTRY_BYTES));
      from = end;
    }
    return runs;
  }

  /** Room for the entries of `rows` rows, twice. */
  #listing(rows: number): { readonly entries: Region; readonly scratch: Region } {
    const sizeBytes = Math.max(rows, 1) * SORT_ENTRY_BYTES;
    const { memory } = this.#kernels;
    this.#entries = memory.enlarge(this.#entries, sizeBytes);
    this.#scratch = memory.enlarge(this.#scratch, sizeBytes);
    return { entries: this.#entries, scratch: this.#scratch };
  }

  #writeRun(table: GroupTable, rowCount: number): SpilledRun {
    const { call, memory } = this.#kernels;
    const { entries, scratch } = this.#listing(rowCount);
    const counters = this.#counters?.address ?? 0;
    // Afterwards each counter holds the number of the entry behind its part.
    call.scatterByDigit(entries.address, scratch.address, rowCount, PART_SHIFT, counters);
    const entryEnds = new Uint32Array(memory.bytes.slice(counters, counters + SPILL_PARTS * 4).buffer);
    const partEnds = new Float64Array(SPILL_PARTS);
    let position: number | undefined;
    let flushed = 0;
    const flush = (): void => {
      const { address } = this.#gatherRegion();
      const at = this.#space.append(memory.bytes.subarray(address, address + this.#used));
      position ??= at;
      flushed += this.#used;
      this.#used = 0;
    };
    this.#used = 0;
    let from = 0;
    for (const [part, end] of entryEnds.entries()) {
      while (from < end) {
        from = this.#gather(table, scratch.address, from, end);
        if (from < end) flush();
      }
      partEnds[part] = flushed + this.#used;
    }
    flush();
    return { handle: this.#space.handle, position: position ?? 0, rowCount, partEnds };
  }

  /** Appends the rows of entries [from, end) to what is gathered, while there is room; returns where it stopped. */
  #gather(table: GroupTable, entries: number, from: number, end: number): number {
    const { call, memory } = this.#kernels;
    const written = (this.#counters?.address ?? 0) + SORT_COUNTER_BYTES;
    const { address, sizeBytes } = this.#gatherRegion();
    const top = address + this.#used;
    const next = call.gatherRows(table.address, entries, from, end, top, sizeBytes - this.#used, written) >>> 0;
    if (next === from && this.#used === 0) {
      this.#gathered = memory.allocate(sizeBytes * 2);
      return this.#gather(table, entries, from, end);
    }
    this.#used += memory.view.getUint32(written, true);
    return next;
  }

  #gatherRegion(): Region {
    this.#gathered ??= this.#kernels.memory.allocate(GATHER_BYTES);
    return this.#gathered;
  }
}

/** All runs of a table, of whichever thread. */
export class SpilledTable {
  readonly #space: SpillSpace;
  readonly #runs: SpilledRun[] = [];

  /** `space`: any of the process. */
  constructor(space: SpillSpace) {
    this.#space = space;
  }

  get runs(): readonly SpilledRun[] {
    return this.#runs;
  }

  add(runs: readonly SpilledRun[]): void {
    this.#runs.push(...runs);
  }

  clear(): void {
    this.#runs.length = 0;
  }

  /** What the rows of a part take in all runs together; the same key may be in several. */
  sizeOf(part: number): { readonly bytes: number; readonly rows: number } {
    let bytes = 0;
    let rows = 0;
    for (const run of this.#runs) {
      const partBytes = endOf(run, part) - endOf(run, part - 1);
      bytes += partBytes;
      if (partBytes > 0) rows += (partBytes / endOf(run, SPILL_PARTS - 1)) * run.rowCount;
    }
    return { bytes, rows };
  }

  /** Merges the rows of the parts [from, end) into a table. */
  mergeParts(from: number, end: number, merger: RowMerger): void {
    for (const run of this.#runs) {
      const start = endOf(run, from - 1);
      const length = endOf(run, end - 1) - start;
      merger.mergeFrom({
        length,
        copyTo: (target, offset) => this.#space.read(run.handle, target, run.position + start + offset),
      });
    }
  }
}

const endOf = ({ partEnds }: SpilledRun, part: number): number => (part < 0 ? 0 : (partEnds[part] ?? 0));
