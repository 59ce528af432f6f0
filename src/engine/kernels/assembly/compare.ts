/** Comparisons, membership and NULL tests over columns. The result is a column of bools; a NULL operand gives NULL. */

import { compareBytes, equalBytes } from "./bytes";
import { boolAt, f64At, i64At, isNull, nullsAt, setBool, setNull, spanAddress, spanLength, Vector } from "./vector";

const EQUAL: u32 = 0;
const NOT_EQUAL: u32 = 1;
const LESS: u32 = 2;
const LESS_OR_EQUAL: u32 = 3;
const GREATER: u32 = 4;

@inline
function holds(operator: u32, order: i32): u32 {
  if (operator == EQUAL) return u32(order == 0);
  if (operator == NOT_EQUAL) return u32(order != 0);
  if (operator == LESS) return u32(order < 0);
  if (operator == LESS_OR_EQUAL) return u32(order <= 0);
  if (operator == GREATER) return u32(order > 0);
  return u32(order >= 0);
}

export function compareIntegers(operator: u32, left: Vector, right: Vector, out: Vector, rows: u32): void {
  const outcomes = holds(operator, -1) | (holds(operator, 0) << 1) | (holds(operator, 1) << 2);
  const values = out.values;
  let a = left.values;
  let b = right.values;
  const aStride = left.stride;
  const bStride = right.stride;
  for (let row: usize = 0; row < usize(rows); row++) {
    const x = load<i64>(a);
    const y = load<i64>(b);
    store<u8>(values + row, u8((outcomes >> (1 + u32(x > y) - u32(x < y))) & 1));
    a += aStride;
    b += bStride;
  }
  joinNulls(left, right, out, rows);
}

/** NULL where an operand is. */
function joinNulls(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 16) {
    v128.store(out.nulls + row, v128.or(nullsAt(left, row), nullsAt(right, row)));
  }
}

/** NaN equals itself and is greater than every other value, as in DuckDB. */
export function compareDoubles(operator: u32, left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const a = f64At(left, row);
    const b = f64At(right, row);
    const order = a == a && b == b ? i32(a > b) - i32(a < b) : i32(a != a) - i32(b != b);
    setBool(out, row, holds(operator, order));
    setNull(out, row, isNull(left, row) | isNull(right, row));
  }
}

export function compareBools(operator: u32, left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    setBool(out, row, holds(operator, i32(boolAt(left, row)) - i32(boolAt(right, row))));
    setNull(out, row, isNull(left, row) | isNull(right, row));
  }
}

/** Strings compare by bytes, which for UTF-8 is the order of code points. */
export function compareStrings(operator: u32, left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(left, row) | isNull(right, row);
    const a = u64(i64At(left, row));
    const b = u64(i64At(right, row));
    let result: u32 = 0;
    if (missing == 0) {
      if (operator <= NOT_EQUAL) {
        const equal =
          spanLength(a) == spanLength(b) && equalBytes(spanAddress(a), spanAddress(b), spanLength(a));
        result = u32(equal) ^ operator;
      } else {
        result = holds(operator, compareBytes(spanAddress(a), spanLength(a), spanAddress(b), spanLength(b)));
      }
    }
    setBool(out, row, result);
    setNull(out, row, missing);
  }
}

export function testNull(column: Vector, out: Vector, rows: u32): void {
  if (column.nullStride != 0) memory.copy(out.values, column.nulls, rows);
  else memory.fill(out.values, load<u8>(column.nulls), rows);
  memory.fill(out.nulls, 0, rows);
}

/** `list` holds `count` i64. With `listHasNull`, a value that is not found is NULL instead of false. */
export function integersIn(column: Vector, list: usize, count: u32, listHasNull: u32, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const value = i64At(column, row);
    let found: u32 = 0;
    for (let at: u32 = 0; at < count; at++) found |= u32(load<i64>(list + (at << 3)) == value);
    setBool(out, row, found);
    setNull(out, row, isNull(column, row) | (listHasNull & (1 - found)));
  }
}

/** `list` holds `count` spans. */
export function stringsIn(column: Vector, list: usize, count: u32, listHasNull: u32, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(column, row);
    const value = u64(i64At(column, row));
    let found: u32 = 0;
    for (let at: u32 = 0; at < count && found == 0 && missing == 0; at++) {
      const entry = load<u64>(list + (at << 3));
      found = u32(
        spanLength(entry) == spanLength(value) &&
          equalBytes(spanAddress(entry), spanAddress(value), spanLength(value)),
      );
    }
    setBool(out, row, found);
    setNull(out, row, missing | (listHasNull & (1 - found)));
  }
}
