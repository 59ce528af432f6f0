/** Writes the rows of a table in canonical order: equal rows give equal bytes. */

import type { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { ROW, SORT_COUNTER_BYTES, SORT_ENTRY_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { GroupRow } from "./group-rows.js";

const GATHER_BYTES = 512 * 1024;

/** Working memory of sealing, kept from one vertex to the next. */
export class Sealer {
  readonly #kernels: Kernels;
  readonly #table: GroupTable;
  readonly #counters: number;
  readonly #written: number;
  #entries: Region;
  #scratch: Region;
  #gathered: Region;

  constructor(kernels: Kernels, table: GroupTable) {
    this.#kernels = kernels;
    this.#table = table;
    const { memory } = kernels;
    this.#counters = memory.allocate(SORT_COUNTER_BYTES).address;
    this.#written = memory.allocate(4).address;
    this.#entries = memory.allocate(SORT_ENTRY_BYTES);
    this.#scratch = memory.allocate(SORT_ENTRY_BYTES);
    this.#gathered = memory.allocate(GATHER_BYTES);
  }

  /** Writes all rows to `rows`, which has just the room for them. */
  writeRows(rows: Uint8Array): void {
    const { rowCount } = this.#table;
    this.#enlarge(rowCount);
    let top = this.#entries.address;
    const { call } = this.#kernels;
    for (const { start, end } of this.#table.blocks()) top = call.listRows(this.#table.address, start, end, top) >>> 0;
    this.#writeListed(rowCount, rows);
  }

  /** Writes some rows, by their addresses, to `rows`, which has just the room for them. */
  writeChosen(chosen: readonly GroupRow[], rows: Uint8Array): void {
    this.#enlarge(chosen.length);
    let top = this.#entries.address;
    const { call, memory } = this.#kernels;
    for (const row of chosen) {
      const end = row + this.#table.rowBytes(memory.view.getUint32(row + ROW.keyLength, true));
      top = call.listRows(this.#table.address, row, end, top) >>> 0;
    }
    this.#writeListed(chosen.length, rows);
  }

  #writeListed(rowCount: number, rows: Uint8Array): void {
    this.#sort(rowCount);
    let from = 0;
    let offset = 0;
    while (from < rowCount) {
      const { call, memory } = this.#kernels;
      const gathered = this.#gathered;
      const next = call.gatherRows(
        this.#table.address,
        this.#entries.address,
        from,
        rowCount,
        gathered.address,
        gathered.sizeBytes,
        this.#written,
      );
      if (next === from) {
        this.#gathered = memory.allocate(gathered.sizeBytes * 2);
        continue;
      }
      const written = memory.view.getUint32(this.#written, true);
      rows.set(memory.bytes.subarray(gathered.address, gathered.address + written), offset);
      offset += written;
      from = next;
    }
  }

  #enlarge(rowCount: number): void {
    const sizeBytes = Math.max(1, rowCount) * SORT_ENTRY_BYTES;
    this.#entries = this.#kernels.memory.enlarge(this.#entries, sizeBytes);
    this.#scratch = this.#kernels.memory.enlarge(this.#scratch, sizeBytes);
  }

  #sort(rowCount: number): void {
    const { call } = this.#kernels;
    call.sortEntries(this.#table.address, this.#entries.address, rowCount, this.#scratch.address, this.#counters);
  }
}
