/** The canonical order of a partial's rows: by hash (unsigned), then null mask, then key bytes, then key length. */

import { compareBytes, copyBytes } from "./bytes";
import { GroupTable, rowBytes, rowKey } from "./group-table";

const RADIX_BITS: u32 = 11;
const RADIX_MASK: u64 = 2047;

export function compareRows(table: GroupTable, left: usize, right: usize): i32 {
  const leftHash = load<u64>(left);
  const rightHash = load<u64>(right);
  if (leftHash != rightHash) return leftHash < rightHash ? -1 : 1;
  const leftMask = load<u32>(left, 12);
  const rightMask = load<u32>(right, 12);
  if (leftMask != rightMask) return leftMask < rightMask ? -1 : 1;
  return compareBytes(rowKey(table, left), load<u32>(left, 8), rowKey(table, right), load<u32>(right, 8));
}

/** Appends {u64 hash, u64 row} of each row in [from, end) at `entries`; returns the address behind the last. */
export function listRows(table: GroupTable, from: usize, end: usize, entries: usize): usize {
  let row = from;
  let entry = entries;
  while (row < end) {
    store<u64>(entry, load<u64>(row));
    store<u64>(entry, row, 8);
    entry += 16;
    row += rowBytes(table, load<u32>(row, 8));
  }
  return entry;
}

/**
 * Sorts entries of {@link listRows}: by radix, least significant digit first, then equal hashes by insertion. `scratch` is
 * as large as the entries, `counters` has 2048 × 4 bytes. The sorted entries end up at `entries`.
 */
export function sortEntries(table: GroupTable, entries: usize, count: u32, scratch: usize, counters: usize): void {
  let source = entries;
  let target = scratch;
  if (count > 32) {
    for (let shift: u32 = 0; shift < 6 * RADIX_BITS; shift += RADIX_BITS) {
      scatterByDigit(source, target, count, shift, counters);
      const swapped = source;
      source = target;
      target = swapped;
    }
  }
  for (let at: u32 = 1; at < count; at++) {
    const hash = load<u64>(entries + (at << 4));
    const row = usize(load<u64>(entries + (at << 4), 8));
    let place = at;
    while (place > 0) {
      const before = entries + ((place - 1) << 4);
      if (load<u64>(before) < hash) break;
      if (load<u64>(before) == hash && compareRows(table, usize(load<u64>(before, 8)), row) < 0) break;
      store<u64>(entries + (place << 4), load<u64>(before));
      store<u64>(entries + (place << 4), load<u64>(before, 8), 8);
      place--;
    }
    store<u64>(entries + (place << 4), hash);
    store<u64>(entries + (place << 4), row, 8);
  }
}

export function scatterByDigit(source: usize, target: usize, count: u32, shift: u32, counters: usize): void {
  memory.fill(counters, 0, usize(RADIX_MASK + 1) << 2);
  const end = source + (usize(count) << 4);
  for (let entry = source; entry < end; entry += 16) {
    const counter = counters + (usize((load<u64>(entry) >> shift) & RADIX_MASK) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let place: u32 = 0;
  for (let digit: usize = 0; digit <= usize(RADIX_MASK); digit++) {
    const found = load<u32>(counters + (digit << 2));
    store<u32>(counters + (digit << 2), place);
    place += found;
  }
  for (let entry = source; entry < end; entry += 16) {
    const counter = counters + (usize((load<u64>(entry) >> shift) & RADIX_MASK) << 2);
    const at = load<u32>(counter);
    store<u32>(counter, at + 1);
    v128.store(target + (usize(at) << 4), v128.load(entry));
  }
}

/**
 * Copies the rows of entries [from, end) to `target` while they fit `capacity` bytes; returns where it stopped. The bytes
 * written are left at `written`.
 */
export function gatherRows(
  table: GroupTable,
  entries: usize,
  from: u32,
  end: u32,
  target: usize,
  capacity: u32,
  written: usize,
): u32 {
  let used: u32 = 0;
  let at = from;
  while (at < end) {
    const row = usize(load<u64>(entries + (at << 4), 8));
    const size = rowBytes(table, load<u32>(row, 8));
    if (capacity - used < size) break;
    copyBytes(target + used, row, size);
    used += size;
    at++;
  }
  store<u32>(written, used);
  return at;
}
