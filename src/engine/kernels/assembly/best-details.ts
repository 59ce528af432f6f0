/**
 * Of the details of a group, the ones that decide: the lowest text, the first place. A group has a row {u64 row, u64 row}
 * in a table of its own, that of the best details so far; what each of the two is for, one of the constants below says.
 */

import { compareBytes } from "./bytes";
import { compareRows } from "./sort-rows";
import { GroupTable, ROW_HEADER_BYTES, rowBytes, rowKey } from "./group-table";

const LOWEST_TEXT: u32 = 1;
const HIGHEST_TEXT: u32 = 2;
const FIRST_PLACE: u32 = 3;
/** Of a value that is not NULL. */
const FIRST_KNOWN_PLACE: u32 = 4;
const LAST_PLACE: u32 = 5;

/**
 * Notes the best of `count` rows of a side table from `from` on at the rows `found` of their groups, by one (`second` 0) or
 * two rules. `fixedCount` and `stringCount` are those of the side table; bit `detailKey` of a null mask is the detail's.
 */
export function noteBestDetails(
  details: GroupTable,
  from: usize,
  count: u32,
  found: usize,
  first: u32,
  second: u32,
  fixedCount: u32,
  stringCount: u32,
  detailKey: u32,
): void {
  let row = from;
  for (let at: u32 = 0; at < count; at++) {
    const best = usize(load<u32>(found + (at << 2))) + ROW_HEADER_BYTES;
    noteBetter(details, row, best, first, fixedCount, stringCount, detailKey);
    if (second != 0) noteBetter(details, row, best + 8, second, fixedCount, stringCount, detailKey);
    row += rowBytes(details, load<u32>(row, 8));
  }
}

function noteBetter(
  details: GroupTable,
  row: usize,
  best: usize,
  rule: u32,
  fixedCount: u32,
  stringCount: u32,
  detailKey: u32,
): void {
  if (rule == FIRST_KNOWN_PLACE && ((load<u32>(row, 12) >> detailKey) & 1) != 0) return;
  const known = usize(load<u64>(best));
  if (known == 0 || isBetter(details, row, known, rule, fixedCount, stringCount)) store<u64>(best, row);
}

function isBetter(details: GroupTable, row: usize, than: usize, rule: u32, fixedCount: u32, stringCount: u32): bool {
  if (rule == LOWEST_TEXT) return compareTexts(details, row, than, fixedCount, stringCount) < 0;
  if (rule == HIGHEST_TEXT) return compareTexts(details, row, than, fixedCount, stringCount) > 0;
  const order = comparePlaces(row, than);
  // Files of one name on several nodes may have values at one place: then the lower row decides, as good as any.
  if (order == 0) return compareRows(details, row, than) < 0;
  return rule == LAST_PLACE ? order > 0 : order < 0;
}

function compareTexts(details: GroupTable, left: usize, right: usize, fixedCount: u32, stringCount: u32): i32 {
  const leftStart = lastTextStart(rowKey(details, left), fixedCount, stringCount);
  const rightStart = lastTextStart(rowKey(details, right), fixedCount, stringCount);
  return compareBytes(
    rowKey(details, left) + leftStart,
    load<u32>(left, 8) - leftStart,
    rowKey(details, right) + rightStart,
    load<u32>(right, 8) - rightStart,
  );
}

/** Where in the key bytes the last text begins; it reaches up to their end. */
function lastTextStart(key: usize, fixedCount: u32, stringCount: u32): u32 {
  const lengths = fixedCount << 3;
  let start = lengths + ((stringCount - 1) << 2);
  for (let index: u32 = 0; index + 1 < stringCount; index++) start += load<u32>(key + lengths + (index << 2));
  return start;
}

/** The order of the accumulators of places.ts: {i64 time, u64 file, u64 offset}. */
function comparePlaces(left: usize, right: usize): i32 {
  if (load<i64>(left, 16) != load<i64>(right, 16)) return load<i64>(left, 16) < load<i64>(right, 16) ? -1 : 1;
  if (load<u64>(left, 24) != load<u64>(right, 24)) return load<u64>(left, 24) < load<u64>(right, 24) ? -1 : 1;
  if (load<u64>(left, 32) != load<u64>(right, 32)) return load<u64>(left, 32) < load<u64>(right, 32) ? -1 : 1;
  return 0;
}

/**
 * Appends {u64 0, u64 row} of the best details that stand in the rows [from, end) of the groups' table at `entries`, each
 * once; returns the address behind the last.
 */
export function listBestDetails(groups: GroupTable, from: usize, end: usize, entries: usize): usize {
  let row = from;
  let entry = entries;
  while (row < end) {
    const first = load<u64>(row, 16);
    const second = load<u64>(row, 24);
    if (first != 0) {
      store<u64>(entry, 0);
      store<u64>(entry, first, 8);
      entry += 16;
    }
    if (second != 0 && second != first) {
      store<u64>(entry, 0);
      store<u64>(entry, second, 8);
      entry += 16;
    }
    row += rowBytes(groups, load<u32>(row, 8));
  }
  return entry;
}
