/** SQL's three-valued logic, and what follows from it: the selection of rows. */

import { boolAt, bytesAt, i64At, isNull, nullsAt, setBool, setI64, setNull, truthsAt, Vector } from "./vector";

export function andBools(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 16) {
    const leftNull = nullsAt(left, row);
    const rightNull = nullsAt(right, row);
    const a = truthsAt(left, row);
    const b = truthsAt(right, row);
    const isNotFalse = v128.and(v128.or(a, leftNull), v128.or(b, rightNull));
    v128.store(out.values + row, v128.and(a, b));
    v128.store(out.nulls + row, v128.and(v128.or(leftNull, rightNull), isNotFalse));
  }
}

export function orBools(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 16) {
    const eitherNull = v128.or(nullsAt(left, row), nullsAt(right, row));
    const isTrue = v128.or(truthsAt(left, row), truthsAt(right, row));
    v128.store(out.values + row, isTrue);
    v128.store(out.nulls + row, v128.andnot(eitherNull, isTrue));
  }
}

export function notBools(column: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 16) {
    v128.store(out.values + row, v128.xor(bytesAt(column.values, column.stride, row), i8x16.splat(1)));
    v128.store(out.nulls + row, nullsAt(column, row));
  }
}

/** The left value where it is there, else the right one; 8-byte columns. */
export function coalesceWide(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const leftNull = isNull(left, row);
    setI64(out, row, leftNull != 0 ? i64At(right, row) : i64At(left, row));
    setNull(out, row, leftNull & isNull(right, row));
  }
}

export function coalesceBools(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const leftNull = isNull(left, row);
    setBool(out, row, leftNull != 0 ? boolAt(right, row) : boolAt(left, row));
    setNull(out, row, leftNull & isNull(right, row));
  }
}

/** Makes `out` NULL where the condition is not true: FILTER (WHERE …) as the aggregates see it. */
export function nullUnless(condition: Vector, column: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const isTrue = boolAt(condition, row) & (1 - isNull(condition, row));
    setI64(out, row, i64At(column, row));
    setNull(out, row, isNull(column, row) | (1 - isTrue));
  }
}

/** Clears the bytes of `live` where the condition is not true. */
export function keepTrue(condition: Vector, live: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 16) {
    v128.store(live + row, v128.and(v128.load(live + row), truthsAt(condition, row)));
  }
}

/** Lines that did not parse become the live ones, and the others not. */
export function invertLive(live: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) store<u8>(live + row, 1 - load<u8>(live + row));
}

/** Writes the numbers of the live rows; returns how many there are. */
export function selectLive(live: usize, rows: u32, selection: usize): u32 {
  let out = selection;
  let row: u32 = 0;
  while (row + 16 <= rows) {
    if (i8x16.all_true(v128.load(live + row))) {
      const first = i32x4.add(i32x4.splat(row), i32x4(0, 1, 2, 3));
      v128.store(out, first);
      v128.store(out, i32x4.add(first, i32x4.splat(4)), 16);
      v128.store(out, i32x4.add(first, i32x4.splat(8)), 32);
      v128.store(out, i32x4.add(first, i32x4.splat(12)), 48);
      out += 64;
      row += 16;
    } else {
      for (const end = row + 16; row < end; row++) {
        store<u32>(out, row);
        out += usize(load<u8>(live + row)) << 2;
      }
    }
  }
  for (; row < rows; row++) {
    store<u32>(out, row);
    out += usize(load<u8>(live + row)) << 2;
  }
  return u32(out - selection) >> 2;
}

/** Widens {i64 least, i64 most} at `bounds` to the values of the live rows that have one. */
export function widenBounds(column: Vector, live: usize, bounds: usize, rows: u32): void {
  let least = load<i64>(bounds);
  let most = load<i64>(bounds, 8);
  for (let row: u32 = 0; row < rows; row++) {
    const counts = (load<u8>(live + row) & (1 - isNull(column, row))) != 0;
    const value = i64At(column, row);
    least = select<i64>(value, least, counts && value < least);
    most = select<i64>(value, most, counts && value > most);
  }
  store<i64>(bounds, least);
  store<i64>(bounds, most, 8);
}

/** One branch of CASE: the value where the condition is true, else what the branches behind it give; 8-byte columns. */
export function chooseWide(condition: Vector, value: Vector, otherwise: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const isTrue = boolAt(condition, row) & (1 - isNull(condition, row));
    setI64(out, row, isTrue != 0 ? i64At(value, row) : i64At(otherwise, row));
    setNull(out, row, isTrue != 0 ? isNull(value, row) : isNull(otherwise, row));
  }
}

export function chooseBools(condition: Vector, value: Vector, otherwise: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const isTrue = boolAt(condition, row) & (1 - isNull(condition, row));
    setBool(out, row, isTrue != 0 ? boolAt(value, row) : boolAt(otherwise, row));
    setNull(out, row, isTrue != 0 ? isNull(value, row) : isNull(otherwise, row));
  }
}
