/**
 * Finds the details of a group in a side table. All its rows are listed once, ordered by the address of their group's row
 * and, where the detail has a fixed width, by its value; the details of a group are then neighbours. Nothing is listed for
 * the number of details of the only group, and nothing ordered by value where numbers are all that is asked for.
 */

import type { GroupTable } from "../kernels/group-table.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { Kernels } from "../kernels/kernels.js";
import { LOAD_SLACK_BYTES, SORT_COUNTER_BYTES, SORT_ENTRY_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { GroupRow } from "./group-rows.js";
import type { PartialTable } from "./partial-table.js";
import type { RowSchema } from "./row-schema.js";

/** Digits of 11 bits in an i64, and in an address, even. */
const VALUE_DIGITS = 6;
const ADDRESS_DIGITS = 4;
const ENTRY_WORDS = SORT_ENTRY_BYTES / 4;
const ROW_WORD = 2;

/** A part of the ordered list of details. */
export interface DetailRange {
  readonly start: number;
  readonly end: number;
}

/** What is asked of a side table, and what its rows are. */
export interface SideUse {
  /** Whether a row counts details instead of being one. */
  readonly isCounted: boolean;
  /** Whether the number of a group's rows is all that is asked for. */
  readonly isOnlyCounted: boolean;
}

export class SideIndex {
  readonly side: PartialTable;
  readonly use: SideUse;
  readonly #kernels: Kernels;
  readonly #groups: PartialTable;
  readonly #counters: Address;
  #entries: Region;
  #scratch: Region;
  #key: Region;
  #words: Uint32Array = new Uint32Array();
  #count = 0;

  /** Its working memory is kept from one vertex to the next. */
  constructor(kernels: Kernels, groups: PartialTable, side: PartialTable, use: SideUse) {
    this.side = side;
    this.use = use;
    this.#kernels = kernels;
    this.#groups = groups;
    const { memory } = kernels;
    this.#counters = memory.allocate(SORT_COUNTER_BYTES).address;
    this.#entries = memory.allocate(SORT_ENTRY_BYTES);
    this.#scratch = memory.allocate(SORT_ENTRY_BYTES);
    this.#key = memory.allocate(LOAD_SLACK_BYTES);
  }

  /** Lists the rows that there are now. */
  build(): void {
    const { memory, call } = this.#kernels;
    const { groups: table, schema } = this.side;
    this.#count = table.rowCount;
    if (this.#isOfOneNumber) return;
    const sizeBytes = this.#count * SORT_ENTRY_BYTES;
    this.#entries = memory.enlarge(this.#entries, sizeBytes);
    this.#scratch = memory.enlarge(this.#scratch, sizeBytes);
    this.#key = memory.enlarge(this.#key, longestBlockBytes(table) + LOAD_SLACK_BYTES);
    const [entries, scratch] = [this.#entries.address, this.#scratch.address];
    const { fixedKeys, stringKeys } = this.#groups.schema;
    const isText = schema.stringKeys > stringKeys ? 1 : 0;
    let top = entries;
    for (const { start, end } of table.blocks()) {
      top = call.listDetails(table.address, start, end, valueOffset(schema, isText), top) >>> 0;
    }
    if (isText === 0 && !this.use.isOnlyCounted) {
      call.sortByOrder(entries, this.#count, scratch, this.#counters, VALUE_DIGITS);
    }
    const groups = this.#groups.groups.address;
    call.linkEntries(groups, table.address, entries, this.#count, fixedKeys, stringKeys, isText, this.#key.address);
    call.sortByOrder(entries, this.#count, scratch, this.#counters, ADDRESS_DIGITS);
    this.#words = new Uint32Array(memory.bytes.buffer, entries, this.#count * ENTRY_WORDS);
  }

  /** The details of the group with this row. */
  detailsOf(group: GroupRow): DetailRange {
    if (this.#isOfOneNumber) return { start: 0, end: this.#count };
    return { start: this.#firstFrom(group), end: this.#firstFrom(group + 1) };
  }

  /** The row of a detail. */
  rowAt(index: number): number {
    return this.#words[index * ENTRY_WORDS + ROW_WORD] ?? 0;
  }

  /** Every row is of the only group. */
  get #isOfOneNumber(): boolean {
    return this.use.isOnlyCounted && this.#groups.schema.keys.length === 0;
  }

  /** The first entry whose group is not before an address. */
  #firstFrom(group: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#words[middle * ENTRY_WORDS] ?? 0) < group) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where in the key bytes a detail of fixed width lies; anywhere for text, whose order is not asked for. */
const valueOffset = (schema: RowSchema, isText: number): number => (isText === 0 ? (schema.fixedKeys - 1) * 8 : 0);

/** What the longest row of a table takes, or more. */
export const longestBlockBytes = (table: GroupTable): number =>
  table.blocks().reduce((longest, { start, end }) => Math.max(longest, end - start), 0);
