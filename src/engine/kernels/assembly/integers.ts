/** The integers of field programs, with the contract of tokenizer.ts. */

import { setI64, setNoToken, setNull, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;

/**
 * Takes decimal digits that fit an i64, or `-` for NULL, and steps over the byte `delimiter` behind them. With `mayEnd`
 * the line may end instead.
 */
export function takeInteger(lines: usize, rows: u32, delimiter: u32, mayEnd: u32, out: usize): u32 {
  const behind = lines + (usize(rows) << 3);
  let value: usize = out == 0 ? 0 : changetype<Vector>(out).values;
  let missing: usize = out == 0 ? 0 : changetype<Vector>(out).nulls;
  let failed: u32 = 0;
  for (let line = lines; line < behind; line += 8) {
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let isTaken = false;
    if (start < end) {
      // Up to 7 digits at once, without a branch on how many: after the exclusive or, digits are 0 to 9.
      const digits = load<u64>(start) ^ 0x3030303030303030;
      const others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
      // One that is missing is as long as one digit; what its value is does not matter.
      const isMissing = u32(u8(digits) == (0x2d ^ 0x30));
      const length = (u32(ctz(others)) >> 3) + isMissing;
      const at = start + length;
      if (length - 1 < 7 && at < end && load<u8>(at) == u8(delimiter)) {
        store<u32>(line, at + 1);
        isTaken = true;
        if (out != 0) {
          store<u64>(value, sevenDigits(digits << (64 - (u64(length) << 3))));
          store<u8>(missing, u8(isMissing));
        }
      }
    }
    if (!isTaken) failed += takeOtherInteger(line, delimiter, mayEnd, out, u32(line - lines) >> 3);
    value += 8;
    missing += 1;
  }
  return failed;
}

/**
 * {@link takeInteger} for the line of one row: any integer, and what fails. A function of its own, so that the loop keeps the
 * registers.
 */
export function takeOtherInteger(line: usize, delimiter: u32, mayEnd: u32, out: usize, row: u32): u32 {
  const start = load<u32>(line);
  const end = load<u32>(line, 4);
  let at = start;
  let value: u64 = 0;
  let isMissing: u32 = 0;
  let isGood = start < end;
  if (isGood && load<u8>(at) == 0x2d) {
    at++;
    isMissing = 1;
  } else {
    while (at < end) {
      const digit = u32(load<u8>(at)) - 0x30;
      if (digit > 9) break;
      // 19 digits stay under 2^64; the 20th could wrap, so the value is checked before it.
      if (value > 922337203685477580) isGood = false;
      value = value * 10 + digit;
      at++;
    }
    isGood = isGood && at > start && value <= <u64>i64.MAX_VALUE;
  }
  isGood = isGood && (at < end ? load<u8>(at) == u8(delimiter) : mayEnd != 0);
  if (isGood) {
    store<u32>(line, at + u32(at < end));
    if (out != 0) {
      setI64(changetype<Vector>(out), row, i64(value));
      setNull(changetype<Vector>(out), row, isMissing);
    }
    return 0;
  }
  store<u32>(line, FAILED);
  if (out != 0) setNoToken(changetype<Vector>(out), row);
  return u32(start != FAILED);
}

/** The number of decimal digits in the bytes of a word, the last one highest, zeros before the first. */
@inline
export function sevenDigits(digits: u64): u64 {
  const pairs = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  const fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffff;
  return (fours * 10000 + (fours >> 32)) & 0xffffffff;
}
