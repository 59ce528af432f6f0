/** SQL's three-valued logic, and what follows from it: the selection of rows. */

import { boolAt, i64At, isNull, setBool, setI64, setNull, Vector } from "./vector";

export function andBools(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const leftNull = isNull(left, row);
    const rightNull = isNull(right, row);
    const a = boolAt(left, row) & (1 - leftNull);
    const b = boolAt(right, row) & (1 - rightNull);
    const isFalse = (1 - (a | leftNull)) | (1 - (b | rightNull));
    setBool(out, row, a & b);
    setNull(out, row, (leftNull | rightNull) & (1 - isFalse));
  }
}

export function orBools(left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const leftNull = isNull(left, row);
    const rightNull = isNull(right, row);
    const isTrue = (boolAt(left, row) & (1 - leftNull)) | (boolAt(right, row) & (1 - rightNull));
    setBool(out, row, isTrue);
    setNull(out, row, (leftNull | rightNull) & (1 - isTrue));
  }
}

export function notBools(column: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    setBool(out, row, 1 - boolAt(column, row));
    setNull(out, row, isNull(column, row));
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
  for (let row: u32 = 0; row < rows; row++) {
    const isTrue = boolAt(condition, row) & (1 - isNull(condition, row));
    store<u8>(live + row, load<u8>(live + row) & isTrue);
  }
}

/** Lines that did not parse become the live ones, and the others not. */
export function invertLive(live: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) store<u8>(live + row, 1 - load<u8>(live + row));
}

/** Writes the numbers of the live rows; returns how many there are. */
export function selectLive(live: usize, rows: u32, selection: usize): u32 {
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    store<u32>(selection + (count << 2), row);
    count += load<u8>(live + row);
  }
  return count;
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
