/**
 * The accumulators of `first`, `last` and `any_value`: where in the logs a value stands. {i64 time, u64 file, u64 offset,
 * u64 1 once there was one}; the order is by time, then file, then offset.
 */

import { i64At, isNull, Vector } from "./vector";

/** What of a position is the offset in the file: the rest depends on the other files of a job. */
const OFFSET_MASK: u64 = 0xfffffffffff;

export function firstPlaces(groups: usize, selection: usize, count: u32, places: usize, offset: u32): void {
  updatePlaces(groups, selection, count, places, offset, 0);
}

export function lastPlaces(groups: usize, selection: usize, count: u32, places: usize, offset: u32): void {
  updatePlaces(groups, selection, count, places, offset, 1);
}

/** `places` points at the addresses of three columns: time (NULL comes before all), file, position of the line. */
@inline
function updatePlaces(groups: usize, selection: usize, count: u32, places: usize, offset: u32, isLast: u32): void {
  const times = changetype<Vector>(usize(load<u32>(places)));
  const files = changetype<Vector>(usize(load<u32>(places, 4)));
  const positions = changetype<Vector>(usize(load<u32>(places, 8)));
  for (let at: u32 = 0; at < count; at++) {
    const row = load<u32>(selection + (at << 2));
    const time = isNull(times, row) != 0 ? i64.MIN_VALUE : i64At(times, row);
    const place = usize(load<u32>(groups + (at << 2))) + offset;
    keepPlace(place, time, u64(i64At(files, row)), u64(i64At(positions, row)) & OFFSET_MASK, isLast);
  }
}

@inline
function keepPlace(place: usize, time: i64, file: u64, offset: u64, isLast: u32): void {
  if (load<u64>(place, 24) != 0) {
    const isBefore = precedes(time, file, offset, place);
    if (isLast != 0 ? isBefore : !isBefore) return;
  }
  store<i64>(place, time);
  store<u64>(place, file, 8);
  store<u64>(place, offset, 16);
  store<u64>(place, 1, 24);
}

function precedes(time: i64, file: u64, offset: u64, place: usize): bool {
  if (time != load<i64>(place)) return time < load<i64>(place);
  if (file != load<u64>(place, 8)) return file < load<u64>(place, 8);
  return offset < load<u64>(place, 16);
}

export function mergeFirstPlaces(groups: usize, sources: usize, count: u32, offset: u32): void {
  mergePlaces(groups, sources, count, offset, 0);
}

export function mergeLastPlaces(groups: usize, sources: usize, count: u32, offset: u32): void {
  mergePlaces(groups, sources, count, offset, 1);
}

@inline
function mergePlaces(groups: usize, sources: usize, count: u32, offset: u32, isLast: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    const source = usize(load<u32>(sources + (at << 2))) + offset;
    if (load<u64>(source, 24) == 0) continue;
    const place = usize(load<u32>(groups + (at << 2))) + offset;
    keepPlace(place, load<i64>(source), load<u64>(source, 8), load<u64>(source, 16), isLast);
  }
}
