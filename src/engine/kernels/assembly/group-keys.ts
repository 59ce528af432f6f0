/**
 * Group keys of the selected rows of a batch. `selection` holds row numbers (u32); results go by position in it. Key
 * bytes: 8 for each fixed-width column, then a u32 length for each string but the last, then the strings. A NULL has
 * zeros or no bytes, and its bit in the null mask: columns are numbered in the order of the plan.
 */

import { copyBytes } from "./bytes";
import { findOrInsert, GroupTable, Probe } from "./group-table";
import { hashKey, hashOf } from "./hash";
import { boolAt, copyNulls, i64At, isNull, spanAddress, spanLength, Vector } from "./vector";

/** Keys below it that are not negative are looked up by index. */
const DIRECT_KEYS: u64 = 1024;

/** One group for all rows: the empty key. */
export function lookupSingleGroup(table: GroupTable, groups: usize, count: u32): u32 {
  const row = findOrInsert(table, hashKey(0, 0, 0), 0, 0, 0);
  if (row == 0) return 0;
  for (let at: u32 = 0; at < count; at++) store<u32>(groups + (at << 2), row);
  return count;
}

/** The keys of a single string column, where it lies. */
export function probeStrings(column: Vector, selection: usize, count: u32, probe: Probe): void {
  const values = column.values;
  const stride = column.stride;
  const nulls = column.nulls;
  const nullStride = column.nullStride;
  const keys = probe.keys;
  const nullMasks = probe.nullMasks;
  const hashes = probe.hashes;
  for (let at: usize = 0; at < usize(count); at++) {
    const row = usize(load<u32>(selection + (at << 2)));
    const missing = u32(load<u8>(nulls + row * nullStride));
    const span = select<u64>(0, load<u64>(values + row * stride), missing);
    store<u64>(keys + (at << 3), span);
    store<u32>(nullMasks + (at << 2), missing);
    store<u64>(hashes + (at << 3), hashOf(spanAddress(span), spanLength(span), missing));
  }
}

/** The keys of a single 8-byte column, where it lies. */
export function probeFixed(column: Vector, selection: usize, count: u32, probe: Probe): void {
  for (let at: u32 = 0; at < count; at++) {
    const row = load<u32>(selection + (at << 2));
    const missing = isNull(column, row);
    const value = column.values + row * column.stride;
    if (missing != 0) store<i64>(value, 0);
    store<u64>(probe.keys + (at << 3), u64(value) | ((<u64>8) << 32));
    store<u32>(probe.nullMasks + (at << 2), missing);
    store<u64>(probe.hashes + (at << 3), hashKey(value, 8, missing));
  }
}

/**
 * The rows of a single 8-byte column: by index for small integers, without a search for repetitions, else by hash.
 * `scratch` is 8 bytes of memory.
 */
export function lookupFixed(
  table: GroupTable,
  column: Vector,
  selection: usize,
  groups: usize,
  scratch: usize,
  from: u32,
  end: u32,
): u32 {
  let at = findKnownFixed(table, column, selection, groups, from, end);
  while (at < end) {
    const row = load<u32>(selection + (at << 2));
    const missing = isNull(column, row);
    const value = missing != 0 ? 0 : i64At(column, row);
    store<i64>(scratch, value);
    const group = findOrInsert(table, hashKey(scratch, 8, missing), scratch, 8, missing);
    if (group == 0) return at;
    store<u32>(groups + (at << 2), group);
    if (missing == 0 && u64(value) < DIRECT_KEYS) store<u32>(table.direct + (usize(value) << 2), group);
    at++;
    // Times and the like come in runs.
    while (at < end && missing == 0 && isValue(column, load<u32>(selection + (at << 2)), value)) {
      store<u32>(groups + (at << 2), group);
      at++;
    }
    at = findKnownFixed(table, column, selection, groups, at, end);
  }
  return end;
}

@inline
function isValue(column: Vector, row: u32, value: i64): bool {
  return i64At(column, row) == value && isNull(column, row) == 0;
}

/**
 * Takes small integers whose rows are known, up to the first other value; returns its position, or `end`. It makes no call, so
 * that its loop keeps the registers.
 */
export function findKnownFixed(
  table: GroupTable,
  column: Vector,
  selection: usize,
  groups: usize,
  from: u32,
  end: u32,
): u32 {
  const direct = table.direct;
  const values = column.values;
  const stride = column.stride;
  const nulls = column.nulls;
  const nullStride = column.nullStride;
  let at = from;
  for (; at < end; at++) {
    const row = usize(load<u32>(selection + (usize(at) << 2)));
    const value = load<u64>(values + row * stride);
    if (value >= DIRECT_KEYS || load<u8>(nulls + row * nullStride) != 0) break;
    const group = load<u32>(direct + (usize(value) << 2));
    if (group == 0) break;
    store<u32>(groups + (usize(at) << 2), group);
  }
  return at;
}

const KIND_BOOL: u32 = 1;
const KIND_STRING: u32 = 2;

/** Bytes that {@link composeKeys} will write. `columns` holds {u32 vector, u32 kind, u32 plan position} for each. */
export function composedBytes(columns: usize, columnCount: u32, selection: usize, count: u32): u64 {
  let total: u64 = 0;
  let strings: u32 = 0;
  for (let index: u32 = 0; index < columnCount; index++) {
    const entry = columns + index * 12;
    if (load<u32>(entry, 4) != KIND_STRING) {
      total += u64(count) * 8;
      continue;
    }
    if (strings++ > 0) total += u64(count) * 4;
    const column = changetype<Vector>(usize(load<u32>(entry)));
    for (let at: u32 = 0; at < count; at++) {
      const row = load<u32>(selection + (at << 2));
      if (isNull(column, row) == 0) total += spanLength(u64(i64At(column, row)));
    }
  }
  return total;
}

/** Writes the keys of several columns to `scratch`. The columns come fixed-width ones first, strings after them. */
export function composeKeys(
  columns: usize,
  columnCount: u32,
  fixedCount: u32,
  selection: usize,
  count: u32,
  scratch: usize,
  probe: Probe,
): void {
  const stringCount = columnCount - fixedCount;
  let top = scratch;
  for (let at: u32 = 0; at < count; at++) {
    const row = load<u32>(selection + (at << 2));
    const key = top;
    let nullMask: u32 = 0;
    for (let index: u32 = 0; index < fixedCount; index++) {
      const entry = columns + index * 12;
      const column = changetype<Vector>(usize(load<u32>(entry)));
      const missing = isNull(column, row);
      const value = load<u32>(entry, 4) == KIND_BOOL ? i64(boolAt(column, row)) : i64At(column, row);
      nullMask |= missing << load<u32>(entry, 8);
      store<i64>(top, missing != 0 ? 0 : value);
      top += 8;
    }
    let lengthAt = top;
    top += stringCount > 1 ? (stringCount - 1) << 2 : 0;
    for (let index = fixedCount; index < columnCount; index++) {
      const entry = columns + index * 12;
      const column = changetype<Vector>(usize(load<u32>(entry)));
      const missing = isNull(column, row);
      const span = missing != 0 ? 0 : u64(i64At(column, row));
      nullMask |= missing << load<u32>(entry, 8);
      if (index + 1 < columnCount) {
        store<u32>(lengthAt, spanLength(span));
        lengthAt += 4;
      }
      copyBytes(top, spanAddress(span), spanLength(span));
      top += spanLength(span);
    }
    store<u64>(probe.keys + (at << 3), u64(key) | (u64(top - key) << 32));
    store<u32>(probe.nullMasks + (at << 2), nullMask);
    store<u64>(probe.hashes + (at << 3), hashKey(key, u32(top - key), nullMask));
  }
}

/** 8-byte copies of a column of bools, for use as a key or an argument of min and max. */
export function widenBools(column: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    store<i64>(out.values + (row << 3), boolAt(column, row));
    store<u8>(out.nulls + row, isNull(column, row));
  }
}

/**
 * Doubles as i64 in the same order: NaN last, as one value; -0 as 0. Keys and min/max work on these; layout.ts has the
 * inverse.
 */
export function orderDoubles(column: Vector, out: Vector, rows: u32): void {
  const values = column.values;
  const stride = column.stride;
  const ordered = out.values;
  for (let row: usize = 0; row < usize(rows); row++) {
    const value = load<f64>(values + row * stride) + 0.0;
    const bits = value != value ? 0x7ff8000000000000 : reinterpret<i64>(value);
    store<i64>(ordered + (row << 3), bits ^ ((bits >> 63) & i64.MAX_VALUE));
  }
  copyNulls(column, out, rows);
}
