/** Groups that were put out of memory in an order of their own: runs of finished rows, read again block by block. */

import type { GroupTable } from "../kernels/group-table.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { Kernels } from "../kernels/kernels.js";
import { ROW, SORT_ENTRY_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { SpillHandle, SpillSpace } from "../spill-space.js";
import { FinishedReader, type FinishedSchema, finishedRow } from "./finished-rows.js";
import type { GroupReader, GroupRow } from "./group-rows.js";

/** Rows that are written at once. */
const WRITTEN_ROWS = 4096;
const WRITTEN_BYTES = 512 * 1024;
/** For reading all runs together, unless they are very many. */
const READ_BYTES = 16 * 1024 * 1024;
const LEAST_READ_BYTES = 16 * 1024;
const MOST_READ_BYTES = 1024 * 1024;
/** Of the entries that the kernels list, the word that is the row's address. */
const ROW_WORD = 2;

/** Rows in an order, in the space. */
interface StoredRun {
  readonly handle: SpillHandle;
  readonly position: number;
  readonly bytes: number;
}

export class SortedGroups {
  readonly #kernels: Kernels;
  readonly #space: SpillSpace;
  readonly #schema: FinishedSchema;
  /** The table of the groups; finished rows have the same head. */
  readonly #groups: GroupTable;
  readonly #runs: StoredRun[] = [];
  #longestRowBytes = 0;
  #entries: Region | undefined;
  #written: Region | undefined;

  constructor(kernels: Kernels, space: SpillSpace, schema: FinishedSchema, groups: GroupTable) {
    this.#kernels = kernels;
    this.#space = space;
    this.#schema = schema;
    this.#groups = groups;
  }

  /** Puts groups away as a run in the order of `rows`. Throws a SpillError. */
  add(groups: GroupReader, rows: readonly GroupRow[]): void {
    if (rows.length === 0) return;
    const run = { position: -1, bytes: 0 };
    const append = (bytes: Uint8Array): void => {
      const position = this.#space.append(bytes);
      if (run.position < 0) run.position = position;
      run.bytes += bytes.length;
    };
    for (let from = 0; from < rows.length; from += WRITTEN_ROWS) {
      const part = rows.slice(from, from + WRITTEN_ROWS);
      if (this.#schema.listed.length === 0) this.#copyRows(part, append);
      else this.#composeRows(groups, part, append);
    }
    this.#runs.push({ ...run, handle: this.#space.handle });
  }

  /** The runs, to be read from their beginnings; takes the memory for it. */
  open(): readonly RunReader[] {
    const { memory } = this.#kernels;
    const shareBytes = Math.floor(READ_BYTES / Math.max(1, this.#runs.length));
    const blockBytes = Math.min(MOST_READ_BYTES, Math.max(LEAST_READ_BYTES, shareBytes));
    const sizeBytes = Math.max(blockBytes, this.#longestRowBytes);
    return this.#runs.map(
      (run) => new RunReader(this.#kernels, this.#space, this.#groups, run, memory.allocate(sizeBytes)),
    );
  }

  /** Reads the rows of all runs; to be made after `open`. */
  reader(): GroupReader {
    return new FinishedReader(this.#kernels, this.#schema);
  }

  /** The rows as they are, gathered by the kernels. */
  #copyRows(rows: readonly GroupRow[], append: (bytes: Uint8Array) => void): void {
    const { call, memory } = this.#kernels;
    this.#entries ??= memory.allocate(WRITTEN_ROWS * SORT_ENTRY_BYTES + 4);
    this.#written ??= memory.allocate(WRITTEN_BYTES);
    const { view } = memory;
    const entries = this.#entries.address;
    const written = entries + WRITTEN_ROWS * SORT_ENTRY_BYTES;
    rows.forEach((row, index) => {
      view.setUint32(entries + index * SORT_ENTRY_BYTES + ROW_WORD * 4, row, true);
      this.#note(this.#groups.rowBytes(view.getUint32(row + ROW.keyLength, true)));
    });
    let from = 0;
    while (from < rows.length) {
      const { address, sizeBytes } = this.#written;
      const next = call.gatherRows(this.#groups.address, entries, from, rows.length, address, sizeBytes, written) >>> 0;
      if (next === from) {
        this.#written = memory.allocate(this.#longestRowBytes);
        continue;
      }
      append(memory.bytes.subarray(address, address + memory.view.getUint32(written, true)));
      from = next;
    }
  }

  #composeRows(groups: GroupReader, rows: readonly GroupRow[], append: (bytes: Uint8Array) => void): void {
    const composed = rows.map((row) => finishedRow(this.#kernels, this.#schema, groups, row));
    for (const { length } of composed) this.#note(length);
    append(Buffer.concat(composed));
  }

  #note(rowBytes: number): void {
    if (rowBytes > this.#longestRowBytes) this.#longestRowBytes = rowBytes;
  }
}

/** Reads a run block by block. The row at its head stands in memory until it advances. */
export class RunReader {
  readonly #kernels: Kernels;
  readonly #space: SpillSpace;
  readonly #groups: GroupTable;
  readonly #run: StoredRun;
  readonly #block: Region;
  #head: GroupRow | undefined;
  /** Address behind the last whole row of the block. */
  #end: Address = 0;
  /** Bytes of the run up to there. */
  #readBytes = 0;

  /** `block` has room for the longest row. */
  constructor(kernels: Kernels, space: SpillSpace, groups: GroupTable, run: StoredRun, block: Region) {
    this.#kernels = kernels;
    this.#space = space;
    this.#groups = groups;
    this.#run = run;
    this.#block = block;
  }

  get head(): GroupRow | undefined {
    return this.#head;
  }

  rewind(): void {
    this.#readBytes = 0;
    this.#fill();
  }

  advance(): void {
    if (this.#head === undefined) return;
    const next =
      this.#head + this.#groups.rowBytes(this.#kernels.memory.view.getUint32(this.#head + ROW.keyLength, true));
    if (next < this.#end) this.#head = next;
    else this.#fill();
  }

  #fill(): void {
    const { call, memory } = this.#kernels;
    const { address, sizeBytes } = this.#block;
    const length = Math.min(sizeBytes, this.#run.bytes - this.#readBytes);
    if (length === 0) {
      this.#head = undefined;
      return;
    }
    const target = memory.bytes.subarray(address, address + length);
    this.#space.read(this.#run.handle, target, this.#run.position + this.#readBytes);
    this.#end = call.endOfWholeRows(this.#groups.address, address, address + length) >>> 0;
    this.#readBytes += this.#end - address;
    this.#head = address;
  }
}
