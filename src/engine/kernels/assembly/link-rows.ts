/**
 * Finding the rows of side tables by their groups: entries {u64 order, u64 row} of all rows, ordered by the value of the
 * detail, then by the address of the group's row.
 */

import { copyBytes, equalBytes } from "./bytes";
import { GroupTable, Probe, rowBytes, rowKey } from "./group-table";
import { hashKey } from "./hash";
import { scatterByDigit } from "./sort-rows";

const RADIX_BITS: u32 = 11;
const SIGN_BIT: u64 = 0x8000000000000000;

/**
 * Appends {order, row} of each row in [from, end) at `entries`; returns the address behind the last. The order is that of
 * the i64 at `valueOffset` of the key.
 */
export function listDetails(table: GroupTable, from: usize, end: usize, valueOffset: u32, entries: usize): usize {
  let row = from;
  let entry = entries;
  while (row < end) {
    store<u64>(entry, load<u64>(rowKey(table, row) + valueOffset) ^ SIGN_BIT);
    store<u64>(entry, row, 8);
    entry += 16;
    row += rowBytes(table, load<u32>(row, 8));
  }
  return entry;
}

/** Sorts entries by their order, stably; `digits` of 11 bits, an even number. `scratch` and `counters` as for sortEntries. */
export function sortByOrder(entries: usize, count: u32, scratch: usize, counters: usize, digits: u32): void {
  let source = entries;
  let target = scratch;
  for (let digit: u32 = 0; digit < digits; digit++) {
    scatterByDigit(source, target, count, digit * RADIX_BITS, counters);
    const swapped = source;
    source = target;
    target = swapped;
  }
}

/**
 * Makes the order of each entry the address of its group's row in `groups`, or 0 if there is none. The group has
 * `fixedCount` fixed keys and `stringCount` strings; the detail is the last fixed key, or the last string. `scratch` has
 * room for the longest key.
 */
export function linkEntries(
  groups: GroupTable,
  details: GroupTable,
  entries: usize,
  count: u32,
  fixedCount: u32,
  stringCount: u32,
  isString: u32,
  scratch: usize,
): void {
  const nullMask: u32 = (<u32>1 << (fixedCount + stringCount)) - 1;
  for (let at: u32 = 0; at < count; at++) {
    const entry = entries + (usize(at) << 4);
    const row = usize(load<u64>(entry, 8));
    const length = groupKey(details, row, fixedCount, stringCount, isString, scratch);
    store<u64>(entry, findRow(groups, scratch, length, load<u32>(row, 12) & nullMask));
  }
}

/**
 * Appends {u64 hash of the group's key, u64 row} of each row of a side table in [from, end) at `entries`; returns the address
 * behind the last. Counts and `scratch` as for {@link linkEntries}.
 */
export function listGroupHashes(
  details: GroupTable,
  from: usize,
  end: usize,
  fixedCount: u32,
  stringCount: u32,
  isString: u32,
  scratch: usize,
  entries: usize,
): usize {
  const nullMask: u32 = (<u32>1 << (fixedCount + stringCount)) - 1;
  let row = from;
  let entry = entries;
  while (row < end) {
    const length = groupKey(details, row, fixedCount, stringCount, isString, scratch);
    store<u64>(entry, hashKey(scratch, length, load<u32>(row, 12) & nullMask));
    store<u64>(entry, row, 8);
    entry += 16;
    row += rowBytes(details, load<u32>(row, 8));
  }
  return entry;
}

/**
 * Prepares a lookup of the groups of the rows of a side table in [from, end): their keys, each with an i64 0 behind its
 * fixed ones, go to `scratch`, at most `maxRows` of them and about `capacity` bytes. Returns the address behind the last
 * row; how many there are stands at `counted`. Room for the longest key is kept behind the capacity.
 */
export function probeDetailGroups(
  details: GroupTable,
  from: usize,
  end: usize,
  maxRows: u32,
  fixedCount: u32,
  stringCount: u32,
  isString: u32,
  scratch: usize,
  capacity: u32,
  probe: Probe,
  counted: usize,
): usize {
  const nullMask: u32 = (<u32>1 << (fixedCount + stringCount)) - 1;
  const fixedBytes = fixedCount << 3;
  let row = from;
  let top = scratch;
  let count: u32 = 0;
  while (row < end && count < maxRows && u32(top - scratch) < capacity) {
    const length = groupKey(details, row, fixedCount, stringCount, isString, top);
    memory.copy(top + fixedBytes + 8, top + fixedBytes, length - fixedBytes);
    store<i64>(top + fixedBytes, 0);
    const nulls = load<u32>(row, 12) & nullMask;
    store<u64>(probe.hashes + (count << 3), hashKey(top, length + 8, nulls));
    store<u64>(probe.keys + (count << 3), u64(top) | (u64(length + 8) << 32));
    store<u32>(probe.nullMasks + (count << 2), nulls);
    top += length + 8;
    count++;
    row += rowBytes(details, load<u32>(row, 8));
  }
  store<u32>(counted, count);
  return row;
}

/** Copies the key bytes of the group to which a row of a side table belongs; returns how many there are. */
function groupKey(
  details: GroupTable,
  row: usize,
  fixedCount: u32,
  stringCount: u32,
  isString: u32,
  target: usize,
): u32 {
  const key = rowKey(details, row);
  const fixedBytes = fixedCount << 3;
  if (isString == 0) {
    const rest = load<u32>(row, 8) - fixedBytes - 8;
    copyBytes(target, key, fixedBytes);
    copyBytes(target + fixedBytes, key + fixedBytes + 8, rest);
    return fixedBytes + rest;
  }
  if (stringCount == 0) {
    copyBytes(target, key, fixedBytes);
    return fixedBytes;
  }
  // The side table states the length of the group's last string too, which the group does not.
  const head = fixedBytes + ((stringCount - 1) << 2);
  let textBytes: u32 = 0;
  for (let index: u32 = 0; index < stringCount; index++) textBytes += load<u32>(key + fixedBytes + (index << 2));
  copyBytes(target, key, head);
  copyBytes(target + head, key + head + 4, textBytes);
  return head + textBytes;
}

/** The row of a key, 0 if there is none. */
function findRow(table: GroupTable, key: usize, length: u32, nullMask: u32): usize {
  const hash = hashKey(key, length, nullMask);
  const tag = u32((hash * table.seed) >> 32);
  let index = tag >> table.slotShift;
  while (true) {
    const slot = load<u64>(table.slots + (index << 3));
    const row = usize(u32(slot));
    if (slot == 0) return 0;
    const isFound =
      u32(slot >> 32) == tag &&
      load<u64>(row) == hash &&
      load<u32>(row, 8) == length &&
      load<u32>(row, 12) == nullMask &&
      equalBytes(rowKey(table, row), key, length);
    if (isFound) return row;
    index = (index + 1) & (table.slotCount - 1);
  }
}
