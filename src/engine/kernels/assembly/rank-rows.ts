/** Final values of accumulators as doubles, for all rows at once: what ORDER BY … LIMIT looks at first. */

import { GroupTable, rowBytes } from "./group-table";

const KIND_COUNT: u32 = 0;
const KIND_SUM: u32 = 1;
const KIND_EXTREME: u32 = 2;

const TWO_TO_64: f64 = 18446744073709551616.0;

/**
 * Writes the address of each row in [from, end) to `rows`, and to `values` the accumulator's value at `offset`, rounded
 * beyond 2^53, NaN for NULL; returns how many there are.
 */
export function rankRows(
  table: GroupTable,
  from: usize,
  end: usize,
  offset: u32,
  kind: u32,
  rows: usize,
  values: usize,
): u32 {
  let row = from;
  let count: u32 = 0;
  while (row < end) {
    const place = row + offset;
    store<u32>(rows + (count << 2), row);
    store<f64>(values + (count << 3), kind == KIND_COUNT ? f64(load<u64>(place)) : nullableValue(place, kind));
    count++;
    row += rowBytes(table, load<u32>(row, 8));
  }
  return count;
}

@inline
function nullableValue(place: usize, kind: u32): f64 {
  const second = load<i64>(place, 8);
  if ((second & 1) == 0) return f64.NaN;
  if (kind == KIND_SUM) {
    const low = load<u64>(place);
    const high = second >> 1;
    // The halves of a small negative sum are -2^64 and nearly 2^64: added as doubles they would round it away.
    return high == -1 && i64(low) < 0 ? f64(i64(low)) : f64(high) * TWO_TO_64 + f64(low);
  }
  const value = load<i64>(place);
  if (kind == KIND_EXTREME) return f64(value);
  return reinterpret<f64>(value < 0 ? value ^ i64.MAX_VALUE : value);
}

/**
 * Of the rows at [from, end) of a list by {@link rankRows}, writes those to `out` whose value times `sign` is not beyond
 * `worst`; `missing` stands for that of NULL. Returns how many there are.
 */
export function rowsAhead(
  rows: usize,
  values: usize,
  from: u32,
  end: u32,
  sign: f64,
  missing: f64,
  worst: f64,
  out: usize,
): u32 {
  let count: u32 = 0;
  for (let at = from; at < end; at++) {
    store<u32>(out + (count << 2), load<u32>(rows + (at << 2)));
    const rank = load<f64>(values + (at << 3)) * sign;
    count += u32(!((rank != rank ? missing : rank) > worst));
  }
  return count;
}
