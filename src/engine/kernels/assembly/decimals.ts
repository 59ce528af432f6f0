/** Short decimal numbers, all digits at once. */

/** Longer ones are read digit by digit. */
export const MAX_DECIMAL_BYTES: u32 = 16;
/** So many digits are exact in a double, too. */
const MAX_DIGITS: u32 = 15;

/** What {@link readDecimal} read: the digits as an integer, and how many of them stand behind the point. */
export let decimalDigits: u64 = 0;
export let decimalFraction: u32 = 0;

/**
 * Reads digits with at most one point among them, 1 to 16 bytes; false if there is anything else, or more than 15 digits. The
 * digits are moved to the right of 16 bytes, the point taken out, and joined to numbers of two, four and eight digits.
 */
@inline
export function readDecimal(start: usize, length: u32): bool {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const bytes = v128.load(start);
  const within = (1 << length) - 1;
  const points = u32(i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x2e)))) & within;
  const digits = i8x16.sub(bytes, i8x16.splat(0x30));
  const isDigit = u32(i8x16.bitmask(i8x16.le_u(digits, i8x16.splat(9)))) & within;
  const count = length - u32(points != 0);
  const point = points != 0 ? u32(ctz(points)) : length;
  if ((isDigit | points) != within || (points & (points - 1)) != 0 || count == 0 || count > MAX_DIGITS) return false;
  if (point == 0 || point + 1 == length) return false;
  const from = i8x16.sub(places, i8x16.splat(i8(16 - count)));
  const right = i8x16.swizzle(digits, i8x16.sub(from, i8x16.ge_s(from, i8x16.splat(i8(point)))));
  const pairs = i16x8.add(
    i16x8.mul(v128.and(right, i16x8.splat(0xff)), i16x8.splat(10)),
    i16x8.shr_u(right, 8),
  );
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const eights = i32x4.dot_i16x8_s(
    i16x8.narrow_i32x4_u(fours, fours),
    i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1),
  );
  decimalDigits = u64(i32x4.extract_lane(eights, 0)) * 100000000 + u64(i32x4.extract_lane(eights, 1));
  decimalFraction = point < length ? length - 1 - point : 0;
  return true;
}
