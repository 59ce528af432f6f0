/**
 * The operations of field programs, each run over all lines of a batch before the next begins. A line is {u32 cursor, u32
 * end}; an operation moves the cursor behind what it took, or sets it to FAILED, where every later operation fails too.
 * Every search is bounded by its line. `out` is the column to fill, or 0 to take without keeping. All return how many
 * lines failed here: lines that had failed before, or were used up before an optional operation, do not count.
 */

import { parseClfTime, CLF_TIME_BYTES } from "./timestamps";
import { setI64, setNoToken, setNull, setToken, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;

/** Takes up to the byte `delimiter`, and steps over it. */
export function takeUntil(lines: usize, rows: u32, delimiter: u32, out: usize): u32 {
  const wanted = i8x16.splat(i8(delimiter));
  const column = changetype<Vector>(out);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = start;
    while (at < end) {
      const hits = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
      if (hits != 0) {
        at += ctz(hits);
        break;
      }
      at += 16;
    }
    if (at < end) {
      store<u32>(line, at + 1);
      if (out != 0) setToken(column, row, start, at);
    } else {
      failed += u32(start != FAILED);
      store<u32>(line, FAILED);
      if (out != 0) setNoToken(column, row);
    }
  }
  return failed;
}

/** Takes up to the byte `first` where `second` follows it, and steps over both. */
export function takeUntilPair(lines: usize, rows: u32, first: u32, second: u32, out: usize): u32 {
  const wantedFirst = i8x16.splat(i8(first));
  const wantedSecond = i8x16.splat(i8(second));
  const column = changetype<Vector>(out);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = start;
    while (at < end) {
      const hits = i8x16.bitmask(
        v128.and(i8x16.eq(v128.load(at), wantedFirst), i8x16.eq(v128.load(at, 1), wantedSecond)),
      );
      if (hits != 0) {
        at += ctz(hits);
        break;
      }
      at += 16;
    }
    if (at < end && at + 1 < end) {
      store<u32>(line, at + 2);
      if (out != 0) setToken(column, row, start, at);
    } else {
      failed += u32(start != FAILED);
      store<u32>(line, FAILED);
      if (out != 0) setNoToken(column, row);
    }
  }
  return failed;
}

/** Steps over `length` (1 to 8) bytes that must equal the low bytes of `text`. */
export function takeLiteral(lines: usize, rows: u32, text: u64, length: u32, isOptional: u32): u32 {
  const mask = ~(<u64>0) >> (64 - (u64(length) << 3));
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    if (start < end && end - start >= length && (load<u64>(start) & mask) == text) {
      store<u32>(line, start + length);
    } else if (isOptional == 0 || start != end) {
      failed += u32(start != FAILED);
      store<u32>(line, FAILED);
    }
  }
  return failed;
}

/** Takes a time such as `10/Oct/2000:13:55:36 -0700` as microseconds since 1970 UTC. */
export function takeClfTime(lines: usize, rows: u32, out: usize): u32 {
  const column = changetype<Vector>(out);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    const time = start < end && end - start >= CLF_TIME_BYTES ? parseClfTime(start) : i64.MIN_VALUE;
    if (time != i64.MIN_VALUE) {
      store<u32>(line, start + CLF_TIME_BYTES);
      if (out != 0) {
        setI64(column, row, time);
        setNull(column, row, 0);
      }
    } else {
      failed += u32(start != FAILED);
      store<u32>(line, FAILED);
      if (out != 0) setNoToken(column, row);
    }
  }
  return failed;
}

/**
 * Takes decimal digits that fit an i64, or `-` for NULL, and steps over the byte `delimiter` behind them. With `mayEnd`
 * the line may end instead.
 */
export function takeInteger(lines: usize, rows: u32, delimiter: u32, mayEnd: u32, out: usize): u32 {
  const column = changetype<Vector>(out);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = start;
    let value: u64 = 0;
    let isGood = start < end;
    let isMissing: u32 = 0;
    if (isGood) {
      // Up to 7 digits at once, without a branch on how many: after the exclusive or, digits are 0 to 9.
      const digits = load<u64>(start) ^ 0x3030303030303030;
      const others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
      const length = u32(ctz(others)) >> 3;
      if (others != 0 && length != 0 && length <= end - start) {
        at = start + length;
        if (out != 0) value = sevenDigits(digits << (64 - (u64(length) << 3)));
      } else if (load<u8>(at) == 0x2d) {
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
      if (at < end) {
        isGood = isGood && load<u8>(at) == u8(delimiter);
        at++;
      } else {
        isGood = isGood && mayEnd != 0;
      }
    }
    if (isGood) {
      store<u32>(line, at);
      if (out != 0) {
        setI64(column, row, i64(value));
        setNull(column, row, isMissing);
      }
    } else {
      failed += u32(start != FAILED);
      store<u32>(line, FAILED);
      if (out != 0) setNoToken(column, row);
    }
  }
  return failed;
}

/** The number of decimal digits in the bytes of a word, the last one highest, zeros before the first. */
@inline
function sevenDigits(digits: u64): u64 {
  const pairs = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  const fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffff;
  return (fours * 10000 + (fours >> 32)) & 0xffffffff;
}

/** Takes the text between double quotes, in which a backslash escapes the byte behind it; escapes are kept as they are. */
export function takeQuoted(lines: usize, rows: u32, isOptional: u32, out: usize): u32 {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const column = changetype<Vector>(out);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = end;
    if (start < end && load<u8>(start) == 0x22) {
      at = start + 1;
      while (at < end) {
        const low = v128.load(at);
        const high = v128.load(at, 16);
        const hits =
          u32(i8x16.bitmask(v128.or(i8x16.eq(low, quote), i8x16.eq(low, backslash)))) |
          (u32(i8x16.bitmask(v128.or(i8x16.eq(high, quote), i8x16.eq(high, backslash)))) << 16);
        if (hits == 0) {
          at += 32;
        } else {
          at += ctz(hits);
          if (load<u8>(at) == 0x22) break;
          at += 2;
        }
      }
    }
    if (at < end) {
      store<u32>(line, at + 1);
      if (out != 0) setToken(column, row, start + 1, at);
    } else {
      if (isOptional == 0 || start != end) {
        failed += u32(start != FAILED);
        store<u32>(line, FAILED);
      }
      if (out != 0) setNoToken(column, row);
    }
  }
  return failed;
}

/** Writes one byte a line: 1 if no operation has failed on it. */
export function markParsed(lines: usize, rows: u32, out: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    store<u8>(out + row, u8(load<u32>(lines + (row << 3)) != FAILED));
  }
}
