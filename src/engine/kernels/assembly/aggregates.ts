/**
 * Updating and merging accumulators, one aggregate at a time. `groups` holds row addresses by position in the selection;
 * `offset` is the accumulator's place in a row. An accumulator of zeros is the identity of every aggregate.
 *
 *   count       u64
 *   sum         i128, whose high half is shifted left by one to make room for the bit "a value was seen"
 *   min, max    i64, and u64 1 once a value was seen
 */

import { i64At, isNull, Vector } from "./vector";

@inline
function accumulator(groups: usize, at: u32, offset: u32): usize {
  return usize(load<u32>(groups + (at << 2))) + offset;
}

@inline
function rowAt(selection: usize, at: u32): u32 {
  return load<u32>(selection + (at << 2));
}

export function countRows(groups: usize, count: u32, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const place = accumulator(groups, at, offset);
    store<u64>(place, load<u64>(place) + 1);
  }
}

export function countValues(groups: usize, selection: usize, count: u32, column: Vector, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const place = accumulator(groups, at, offset);
    store<u64>(place, load<u64>(place) + u64(1 - isNull(column, rowAt(selection, at))));
  }
}

export function sumValues(groups: usize, selection: usize, count: u32, column: Vector, offset: u32): void {
  const values = column.values;
  const stride = column.stride;
  const nulls = column.nulls;
  const nullStride = column.nullStride;
  for (let at: u32 = 0; at < count; at++) {
    const row = usize(rowAt(selection, at));
    if (load<u8>(nulls + row * nullStride) != 0) continue;
    const value = load<i64>(values + row * stride);
    addToSum(accumulator(groups, at, offset), u64(value), (value >> 63) << 1, 1);
  }
}

@inline
function addToSum(place: usize, low: u64, shiftedHigh: i64, isSeen: i64): void {
  const before = load<u64>(place);
  const after = before + low;
  store<u64>(place, after);
  store<i64>(place, (load<i64>(place, 8) + shiftedHigh + i64(u64(after < before) << 1)) | isSeen, 8);
}

export function minValues(groups: usize, selection: usize, count: u32, column: Vector, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const row = rowAt(selection, at);
    if (isNull(column, row) != 0) continue;
    keepLower(accumulator(groups, at, offset), i64At(column, row));
  }
}

export function maxValues(groups: usize, selection: usize, count: u32, column: Vector, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const row = rowAt(selection, at);
    if (isNull(column, row) != 0) continue;
    keepHigher(accumulator(groups, at, offset), i64At(column, row));
  }
}

@inline
function keepLower(place: usize, value: i64): void {
  if (load<u64>(place, 8) == 0 || value < load<i64>(place)) {
    store<i64>(place, value);
    store<u64>(place, 1, 8);
  }
}

@inline
function keepHigher(place: usize, value: i64): void {
  if (load<u64>(place, 8) == 0 || value > load<i64>(place)) {
    store<i64>(place, value);
    store<u64>(place, 1, 8);
  }
}

export function mergeCounts(groups: usize, sources: usize, count: u32, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const place = accumulator(groups, at, offset);
    store<u64>(place, load<u64>(place) + load<u64>(accumulator(sources, at, offset)));
  }
}

export function mergeSums(groups: usize, sources: usize, count: u32, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const source = accumulator(sources, at, offset);
    const high = load<i64>(source, 8);
    addToSum(accumulator(groups, at, offset), load<u64>(source), high & ~1, high & 1);
  }
}

export function mergeMins(groups: usize, sources: usize, count: u32, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const source = accumulator(sources, at, offset);
    if (load<u64>(source, 8) != 0) keepLower(accumulator(groups, at, offset), load<i64>(source));
  }
}

export function mergeMaxes(groups: usize, sources: usize, count: u32, offset: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const source = accumulator(sources, at, offset);
    if (load<u64>(source, 8) != 0) keepHigher(accumulator(groups, at, offset), load<i64>(source));
  }
}
