/**
 * A memo of the rows of details that were looked up last, by the group's row and the detail's key: where there are few
 * details to a group, most of them need no key composed and no hash. An entry is {i64 key, u32 group, u32 row}; a row of 0
 * is none. Rows never move, so that an entry holds until its table is emptied.
 */

import { i64At, Vector } from "./vector";

@unmanaged
class DetailMemo {
  entries: usize;
  /** 64 - log2 of the number of entries. */
  shift: u32;
  /** Rows of the groups, by the line's number in the batch. */
  groupOfRow: usize;
  /** Rows of the details, by position in the selection. */
  found: usize;
  /** Those that are not in the memo: numbers of the lines, and positions in the selection. */
  missedRows: usize;
  missedPlaces: usize;
}

/** Notes the groups of the selected rows, which lie by position in the selection. */
export function noteGroups(memo: DetailMemo, selection: usize, groups: usize, count: u32): void {
  const groupOfRow = memo.groupOfRow;
  for (let at: u32 = 0; at < count; at++) {
    const row = load<u32>(selection + (usize(at) << 2));
    store<u32>(groupOfRow + (usize(row) << 2), load<u32>(groups + (usize(at) << 2)));
  }
}

@inline
function entryOf(entries: usize, shift: u32, key: i64, group: u32): usize {
  const mixed = (u64(key) ^ (u64(group) << 32)) * 0x9e3779b97f4a7c15;
  return entries + (usize(mixed >> shift) << 4);
}

/** Finds the details of selected rows, none of them NULL; returns how many it does not know. */
export function recallDetails(memo: DetailMemo, selection: usize, count: u32, keys: Vector): u32 {
  const found = memo.found;
  const entries = memo.entries;
  const shift = memo.shift;
  const groupOfRow = memo.groupOfRow;
  const missedRows = memo.missedRows;
  const missedPlaces = memo.missedPlaces;
  const values = keys.values;
  const stride = keys.stride;
  let missed: usize = 0;
  for (let at: u32 = 0; at < count; at++) {
    const row = usize(load<u32>(selection + (usize(at) << 2)));
    const group = load<u32>(groupOfRow + (row << 2));
    const key = load<i64>(values + row * stride);
    const entry = entryOf(entries, shift, key, group);
    const detail = load<u32>(entry, 12);
    store<u32>(found + (usize(at) << 2), detail);
    store<u32>(missedRows + missed, u32(row));
    store<u32>(missedPlaces + missed, at);
    const others = u64(load<i64>(entry) ^ key) | u64(load<u32>(entry, 8) ^ group) | u64(detail == 0);
    missed += usize(others != 0) << 2;
  }
  return u32(missed >> 2);
}

/** Takes in the `count` missed details, whose rows lie at `rows` by now. */
export function keepDetails(memo: DetailMemo, keys: Vector, rows: usize, count: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const row = load<u32>(memo.missedRows + (usize(at) << 2));
    const detail = load<u32>(rows + (usize(at) << 2));
    const group = load<u32>(memo.groupOfRow + (usize(row) << 2));
    const key = i64At(keys, row);
    const entry = entryOf(memo.entries, memo.shift, key, group);
    store<i64>(entry, key);
    store<u32>(entry, group, 8);
    store<u32>(entry, detail, 12);
    store<u32>(memo.found + (usize(load<u32>(memo.missedPlaces + (usize(at) << 2))) << 2), detail);
  }
}
