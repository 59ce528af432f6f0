/**
 * Details: what aggregates of no fixed size keep for each group in a side table, under the group's key and one key more.
 * These kernels compute that further key, and the value beside it, for all rows of a batch.
 */

import { hashKey } from "./hash";
import { copyNulls, i64At, isNull, setI64, setNull, spanAddress, spanLength, Vector } from "./vector";

/** Writes the rows of `selection` in which the column is not NULL; returns how many there are. */
export function selectKnown(column: Vector, selection: usize, count: u32, out: usize): u32 {
  const nulls = column.nulls;
  const nullStride = column.nullStride;
  let top = out;
  for (let at: usize = 0; at < usize(count); at++) {
    const row = load<u32>(selection + (at << 2));
    store<u32>(top, row);
    top += usize(1 - u32(load<u8>(nulls + row * nullStride))) << 2;
  }
  return u32(top - out) >> 2;
}

/** Bits of a double below those that name its bin: 64 bins for each power of two. */
const BIN_SHIFT: u32 = 46;

/** The bin of an ordered double (see orderDoubles): its sign, exponent and the highest six bits of its fraction. */
export function binDoubles(ordered: Vector, out: Vector, rows: u32): void {
  const values = ordered.values;
  const stride = ordered.stride;
  const bins = out.values;
  for (let row: usize = 0; row < usize(rows); row++) {
    store<i64>(bins + (row << 3), load<i64>(values + row * stride) >> BIN_SHIFT);
  }
  copyNulls(ordered, out, rows);
}

/**
 * For HyperLogLog: the register, the high `bits` bits of the value's hash, and the rank, one more than the number of
 * zeros that follow them.
 */
export function rankValues(column: Vector, isString: u32, bits: u32, register: Vector, rank: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(column, row);
    setNull(register, row, missing);
    setNull(rank, row, missing);
    if (missing != 0) continue;
    const place = column.values + row * column.stride;
    const span = load<u64>(place);
    const hash = isString != 0 ? hashKey(spanAddress(span), spanLength(span), 0) : hashKey(place, 8, 0);
    setI64(register, row, i64(hash >> (64 - bits)));
    const rest = hash << bits;
    setI64(rank, row, i64(rest == 0 ? 64 - bits : clz(rest)) + 1);
  }
}

const EXPONENT_MASK: u64 = 0x7ff;
const FRACTION_MASK: u64 = 0x000fffffffffffff;
const IMPLIED_BIT: u64 = 0x0010000000000000;
/** Binary orders that share a key: 53 bits and as many zeros as fit an i64. */
const ORDERS_OF_PART: u32 = 10;
/** Keys of the sums of values; decode in functions/aggregates/exact-parts.ts. */
const KEY_NAN: i64 = 210;
const KEY_INFINITY: i64 = 211;
const KEY_MINUS_INFINITY: i64 = 212;
/** First key of the sums of squares. */
const KEY_SQUARES: i64 = 300;

/**
 * Takes doubles apart into integers whose sums are exact in any order: `part` times 2^(10 key - 1075) is the value. What
 * is not finite has keys of its own, and the part 1.
 */
export function splitDoubles(column: Vector, key: Vector, part: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const bits = u64(i64At(column, row));
    const exponent = u32((bits >> 52) & EXPONENT_MASK);
    const missing = isNull(column, row);
    setNull(key, row, missing);
    setNull(part, row, missing);
    if (exponent == 2047) {
      const isNan = (bits & FRACTION_MASK) != 0;
      setI64(key, row, isNan ? KEY_NAN : i64(bits) < 0 ? KEY_MINUS_INFINITY : KEY_INFINITY);
      setI64(part, row, 1);
      continue;
    }
    const order = exponent == 0 ? 1 : exponent;
    const fraction = (bits & FRACTION_MASK) | (exponent == 0 ? 0 : IMPLIED_BIT);
    const shifted = i64(fraction << (order % ORDERS_OF_PART));
    setI64(key, row, order / ORDERS_OF_PART);
    setI64(part, row, i64(bits) < 0 ? -shifted : shifted);
  }
}

/**
 * Takes the squares of doubles apart in the same way: the low (`half` 0) or the high (1) 53 bits of the fraction's square.
 * `part` times 2^(10 (key - 300) - 2150) is its share. What is not finite is left to {@link splitDoubles}.
 */
export function splitSquares(column: Vector, half: u32, key: Vector, part: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const bits = u64(i64At(column, row));
    const exponent = u32((bits >> 52) & EXPONENT_MASK);
    const missing = isNull(column, row) | u32(exponent == 2047);
    setNull(key, row, missing);
    setNull(part, row, missing);
    const fraction = (bits & FRACTION_MASK) | (exponent == 0 ? 0 : IMPLIED_BIT);
    const low = fraction * fraction;
    const share = half == 0 ? low & (FRACTION_MASK | IMPLIED_BIT) : (low >> 53) | (highOfSquare(fraction) << 11);
    const order = 2 * (exponent == 0 ? 1 : exponent) + 53 * half;
    setI64(key, row, KEY_SQUARES + i64(order / ORDERS_OF_PART));
    setI64(part, row, i64(share << (order % ORDERS_OF_PART)));
  }
}

/** The high 64 bits of the square of a number under 2^53. */
@inline
function highOfSquare(value: u64): u64 {
  const low = value & 0xffffffff;
  const high = value >> 32;
  const middle = low * high;
  // The square is high² 2^64 + middle 2^33 + low²; what of the middle lies below 2^64 may carry.
  const carried = ((low * low) >> 32) + ((middle & 0x7fffffff) << 1);
  return high * high + (middle >> 31) + (carried >> 32);
}
