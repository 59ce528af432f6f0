/**
 * Arithmetic and conversions. Integers are checked: the kernels return how many live rows overflowed, and the host turns
 * that into an error. A remainder by an integer zero is NULL; doubles follow IEEE 754.
 */

import { boolAt, copyNulls, f64At, i64At, isNull, setF64, setI64, setNull, spanAddress, spanLength, Vector } from "./vector";

const ADD: u32 = 0;
const SUBTRACT: u32 = 1;
const MULTIPLY: u32 = 2;
const DIVIDE: u32 = 3;

/** `operator`: 0 add, 1 subtract, 2 multiply, 3 remainder. */
export function calculateIntegers(
  operator: u32,
  left: Vector,
  right: Vector,
  live: usize,
  out: Vector,
  rows: u32,
): u32 {
  let overflows: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const a = i64At(left, row);
    const b = i64At(right, row);
    let missing = isNull(left, row) | isNull(right, row);
    let value: i64 = 0;
    let overflow: u32 = 0;
    if (operator == ADD) {
      value = a + b;
      overflow = u32(((a ^ value) & (b ^ value)) < 0);
    } else if (operator == SUBTRACT) {
      value = a - b;
      overflow = u32(((a ^ b) & (a ^ value)) < 0);
    } else if (operator == MULTIPLY) {
      value = a * b;
      if (a == -1) overflow = u32(b == i64.MIN_VALUE);
      else if (a != 0) overflow = u32(value / a != b);
    } else if (b == 0) {
      missing = 1;
    } else {
      value = b == -1 ? 0 : a % b;
    }
    overflows += overflow & (1 - missing) & u32(load<u8>(live + row));
    setI64(out, row, value);
    setNull(out, row, missing);
  }
  return overflows;
}

/** `operator`: 0 add, 1 subtract, 2 multiply, 3 divide, 4 remainder with the sign of the dividend. */
export function calculateDoubles(operator: u32, left: Vector, right: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const a = f64At(left, row);
    const b = f64At(right, row);
    let value: f64 = 0;
    if (operator == ADD) value = a + b;
    else if (operator == SUBTRACT) value = a - b;
    else if (operator == MULTIPLY) value = a * b;
    else if (operator == DIVIDE) value = a / b;
    else value = a % b;
    setF64(out, row, value);
    setNull(out, row, isNull(left, row) | isNull(right, row));
  }
}

export function integersToDoubles(column: Vector, out: Vector, rows: u32): void {
  const values = column.values;
  const stride = column.stride;
  const doubles = out.values;
  for (let row: usize = 0; row < usize(rows); row++) {
    store<f64>(doubles + (row << 3), f64(load<i64>(values + row * stride)));
  }
  copyNulls(column, out, rows);
}

/** Rounds half to even, as DuckDB does. What is outside the range of i64 is NULL; returns how many live rows that befell. */
export function doublesToIntegers(column: Vector, live: usize, out: Vector, rows: u32): u32 {
  let failures: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const value = nearest(f64At(column, row));
    const missing = isNull(column, row);
    const fits = value >= -9223372036854775808.0 && value < 9223372036854775808.0;
    failures += u32(!fits) & (1 - missing) & u32(load<u8>(live + row));
    setI64(out, row, fits ? i64(value) : 0);
    setNull(out, row, missing | u32(!fits));
  }
  return failures;
}

function isSpace(byte: u8): bool {
  return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/**
 * Reads strings that are a number between spaces: `12`, `-3.50`, `1e5`; halves are rounded away from zero, as DuckDB does.
 * Anything else, and what does not fit, is NULL; returns how many live rows that befell.
 */
export function stringsToIntegers(column: Vector, live: usize, out: Vector, rows: u32): u32 {
  let failures: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(column, row);
    const span = missing != 0 ? 0 : u64(i64At(column, row));
    const isGood = readInteger(spanAddress(span), spanAddress(span) + spanLength(span));
    failures += u32(!isGood) & (1 - missing) & u32(load<u8>(live + row));
    setI64(out, row, readValue);
    setNull(out, row, missing | u32(!isGood));
  }
  return failures;
}

/** What {@link readInteger} found. */
let readValue: i64 = 0;

const MOST_TENTHS: u64 = 922337203685477580;

/** Whether all of `at` to `end` is one number that fits. */
function readInteger(start: usize, stop: usize): bool {
  let at = start;
  let end = stop;
  while (at < end && isSpace(load<u8>(at))) at++;
  while (at < end && isSpace(load<u8>(end - 1))) end--;
  const isNegative = at < end && load<u8>(at) == 0x2d;
  if (at < end && (isNegative || load<u8>(at) == 0x2b)) at++;
  const whole = at;
  while (at < end && isDigit(load<u8>(at))) at++;
  const point = at;
  if (at < end && load<u8>(at) == 0x2e) at++;
  const fraction = at;
  while (at < end && isDigit(load<u8>(at))) at++;
  const stopOfDigits = at;
  if (point - whole + (stopOfDigits - fraction) == 0) return false;
  if (at < end) {
    if ((load<u8>(at) | 0x20) != 0x65) return false;
    at = readExponent(at + 1, end);
    if (at == 0) return false;
  } else {
    exponent = 0;
  }
  return roundDigits(whole, point, fraction, stopOfDigits, isNegative);
}

function isDigit(byte: u8): bool {
  return byte - 0x30 <= 9;
}

/** Beyond this, every number but 0 is too large or rounds to 0. */
const MOST_EXPONENT: i32 = 100_000_000;
let exponent: i32 = 0;

/** Reads a sign and digits up to `end` into {@link exponent}; 0 if they are none. */
function readExponent(start: usize, end: usize): usize {
  let at = start;
  const isNegative = at < end && load<u8>(at) == 0x2d;
  if (at < end && (isNegative || load<u8>(at) == 0x2b)) at++;
  if (at == end) return 0;
  let value: i32 = 0;
  while (at < end) {
    if (!isDigit(load<u8>(at))) return 0;
    if (value < MOST_EXPONENT) value = value * 10 + i32(load<u8>(at) - 0x30);
    at++;
  }
  exponent = isNegative ? -value : value;
  return at;
}

/** The digits of both runs with the point moved by {@link exponent}, rounded. */
function roundDigits(whole: usize, point: usize, fraction: usize, end: usize, isNegative: bool): bool {
  const wholeDigits = i64(point - whole);
  const digits = wholeDigits + i64(end - fraction);
  const kept = wholeDigits + i64(exponent);
  let value: u64 = 0;
  for (let index: i64 = 0; index < kept; index++) {
    if (index >= digits && value == 0) break;
    const digit = index < digits ? digitAt(whole, wholeDigits, fraction, index) : 0;
    if (value > MOST_TENTHS) return false;
    value = value * 10 + digit;
  }
  if (kept >= 0 && kept < digits) value += u64(digitAt(whole, wholeDigits, fraction, kept) >= 5);
  if (value > <u64>i64.MAX_VALUE + u64(isNegative)) return false;
  readValue = isNegative ? 0 - i64(value) : i64(value);
  return true;
}

function digitAt(whole: usize, wholeDigits: i64, fraction: usize, index: i64): u64 {
  const at = index < wholeDigits ? whole + usize(index) : fraction + usize(index - wholeDigits);
  return u64(load<u8>(at) - 0x30);
}

export function boolsToIntegers(column: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    setI64(out, row, boolAt(column, row));
    setNull(out, row, isNull(column, row));
  }
}
