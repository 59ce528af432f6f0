/** Short decimal numbers, all digits at once. */

import { Vector } from "./vector";

/** Longer ones are read digit by digit. */
const MAX_DECIMAL_BYTES: u32 = 16;
/** So many digits are exact in a double, too. */
const MAX_DIGITS: u32 = 15;

/** Powers of ten that are exact. */
export const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

// In memory, because a constant of 16 bytes is made anew in each round of a loop.
const ZEROS = memory.data<u8>([0x30]);
const POINTS = memory.data<u8>([0x2e]);
const NINES = memory.data<u8>([9]);
const TENS = memory.data<u16>([10]);
const LOW_BYTES = memory.data<u16>([0xff]);
const HUNDREDS = memory.data<u16>([100, 1, 100, 1, 100, 1, 100, 1]);
const TEN_THOUSANDS = memory.data<u16>([10000, 1, 10000, 1, 10000, 1, 10000, 1]);
/** From its byte n on: where n digits that end with the 16th byte come from; what is out of range gives a zero. */
const PLACES = memory.data<i8>([
  -16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  14, 15,
]);
/** From its byte n on: -1 for the last n of 16 places, before which the point stood. */
const BEHIND_POINT = memory.data<i8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
]);

/**
 * Reads tokens of rows that begin at `from`, until one is no short number of type T: digits, a minus before them, and for a
 * double at most one point among them; 16 bytes behind the minus at most, and 15 digits. A row's token is one where `flags`
 * has `flag`. Returns the row at which it stopped. It calls nothing, so that all it needs stays in registers.
 *
 * The digits are moved to the right of 16 bytes, the point taken out, and joined to numbers of two, four and eight digits.
 */
export function takeDecimals<T>(
  tokens: Vector,
  flags: usize,
  flagStride: usize,
  flag: u32,
  divisor: f64,
  out: Vector,
  from: u32,
  rows: u32,
): u32 {
  const spans = tokens.values;
  const spanStride = tokens.stride;
  const values = out.values;
  const valueStride = out.stride;
  const nulls = out.nulls;
  const nullStride = out.nullStride;
  const zeros = v128.load_splat<u8>(ZEROS);
  const pointBytes = v128.load_splat<u8>(POINTS);
  const nines = v128.load_splat<u8>(NINES);
  const tens = v128.load_splat<u16>(TENS);
  const lowBytes = v128.load_splat<u16>(LOW_BYTES);
  const hundreds = v128.load(HUNDREDS);
  const tenThousands = v128.load(TEN_THOUSANDS);
  let row = from;
  for (; row < rows; row++) {
    const span = load<u64>(spans + row * spanStride);
    const token = usize(u32(span));
    const isNegative = u32(load<u8>(token) == 0x2d);
    const length = u32(span >> 32) - isNegative;
    // Also where a lone minus left nothing.
    if (u32(load<u8>(flags + row * flagStride)) != flag || length - 1 >= MAX_DECIMAL_BYTES) break;
    const bytes = v128.load(token + isNegative);
    const within: u32 = (1 << length) - 1;
    const digits = i8x16.sub(bytes, zeros);
    const isDigit = u32(i8x16.bitmask(i8x16.le_u(digits, nines))) & within;
    let count = length;
    let fraction: u32 = 0;
    if (isFloat<T>()) {
      // The point may stand between digits only.
      const points = u32(i8x16.bitmask(i8x16.eq(bytes, pointBytes))) & (within >> 1) & ~1;
      if ((isDigit | points) != within || (points & (points - 1)) != 0) break;
      count -= u32(points != 0);
      fraction = u32(max(i32(length) - 1 - i32(ctz(points)), 0));
    } else if (isDigit != within) break;
    if (count > MAX_DIGITS) break;
    const places = i8x16.sub(v128.load(PLACES + count), v128.load(BEHIND_POINT + fraction));
    const right = i8x16.swizzle(digits, places);
    const pairs = i16x8.add(i16x8.mul(v128.and(right, lowBytes), tens), i16x8.shr_u(right, 8));
    const fours = i32x4.dot_i16x8_s(pairs, hundreds);
    const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), tenThousands);
    const magnitude = i64(i32x4.extract_lane(eights, 0)) * 100000000 + i64(i32x4.extract_lane(eights, 1));
    if (isFloat<T>()) {
      const value = f64(magnitude) / load<f64>(POWERS + (usize(fraction) << 3));
      const signed = isNegative != 0 ? -value : value;
      store<f64>(values + row * valueStride, divisor == 1 ? signed : signed / divisor);
    } else {
      store<i64>(values + row * valueStride, isNegative != 0 ? 0 - magnitude : magnitude);
    }
    store<u8>(nulls + row * nullStride, 0);
  }
  return row;
}
