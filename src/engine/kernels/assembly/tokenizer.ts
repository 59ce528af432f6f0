/**
 * The operations of field programs, each run over all lines of a batch before the next begins. A line is {u32 cursor, u32
 * end}; an operation moves the cursor behind what it took, or sets it to FAILED, where every later operation fails too.
 * Every search is bounded by its line. `out` is the column to fill, or 0 to take without keeping. All return how many
 * lines failed here: lines that had failed before, or were used up before an optional operation, do not count.
 */

import { lowBytes, setNoToken, setToken, spanOf, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;

/** Steps over `length` (1 to 8) bytes that must equal the low bytes of `text`. */
export function takeLiteral(lines: usize, rows: u32, text: u64, length: u32, isOptional: u32): u32 {
  const mask = lowBytes(length);
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

/**
 * Takes the text between double quotes, in which a backslash escapes the byte behind it; escapes are kept as they are. Then
 * the low `suffixLength` (0 to 8) bytes of `suffix`, which need not be there at the end of the line if all is optional.
 */
export function takeQuoted(
  lines: usize,
  rows: u32,
  suffix: u64,
  suffixLength: u32,
  isOptional: u32,
  out: usize,
): u32 {
  const mask = lowBytes(suffixLength);
  const behind = lines + (usize(rows) << 3);
  let value: usize = out == 0 ? 0 : changetype<Vector>(out).values;
  let missing: usize = out == 0 ? 0 : changetype<Vector>(out).nulls;
  let failed: u32 = 0;
  for (let line = lines; line < behind; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    let isTaken = false;
    if (start < end && load<u8>(start) == 0x22) {
      let at = start + 1;
      let hits = quotesAt(at);
      while (hits == 0) {
        at += 64;
        if (at >= end) break;
        hits = quotesAt(at);
      }
      at += usize(ctz(hits));
      const next = at + 1 + suffixLength;
      if (next <= end && load<u8>(at) == 0x22 && (load<u64>(at, 1) & mask) == suffix) {
        isTaken = true;
        store<u32>(line, u32(next));
        if (out != 0) {
          store<u64>(value, spanOf(start + 1, u32(at - start - 1)));
          store<u8>(missing, u8(u32(at - start == 2) & u32(load<u8>(start, 1) == 0x2d)));
        }
      }
    }
    if (!isTaken) failed += takeOtherQuoted(line, suffix, suffixLength, isOptional, out, u32(line - lines) >> 3);
    value += 8;
    missing += 1;
  }
  return failed;
}

/** One bit for each of 64 bytes: double quotes and backslashes. */
@inline
function quotesAt(at: usize): u64 {
  return (
    u64(quotesIn(v128.load(at))) |
    (u64(quotesIn(v128.load(at, 16))) << 16) |
    (u64(quotesIn(v128.load(at, 32))) << 32) |
    (u64(quotesIn(v128.load(at, 48))) << 48)
  );
}

@inline
function quotesIn(bytes: v128): u32 {
  return u32(i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)))));
}

/**
 * {@link takeQuoted} for the line of one row: text with escapes, and what fails. A function of its own, so that the loop keeps
 * the registers.
 */
export function takeOtherQuoted(
  line: usize,
  suffix: u64,
  suffixLength: u32,
  isOptional: u32,
  out: usize,
  row: u32,
): u32 {
  const start = usize(load<u32>(line));
  const end = usize(load<u32>(line, 4));
  let at = end;
  if (start < end && load<u8>(start) == 0x22) {
    at = start + 1;
    while (at < end) {
      const hits = quotesIn(v128.load(at));
      if (hits == 0) {
        at += 16;
      } else {
        at += ctz(hits);
        if (load<u8>(at) == 0x22) break;
        at += 2;
      }
    }
  }
  if (at < end) {
    if (out != 0) setToken(changetype<Vector>(out), row, start + 1, at);
    at++;
    if (isOptional != 0 && at == end) {
      store<u32>(line, u32(at));
      return 0;
    }
    if (end - at >= suffixLength && (load<u64>(at) & lowBytes(suffixLength)) == suffix) {
      store<u32>(line, u32(at) + suffixLength);
      return 0;
    }
  } else {
    if (out != 0) setNoToken(changetype<Vector>(out), row);
    if (isOptional != 0 && start == end) return 0;
  }
  store<u32>(line, FAILED);
  return u32(start != FAILED);
}

/** Writes one byte a line: 1 if no operation has failed on it. */
export function markParsed(lines: usize, rows: u32, out: usize): void {
  const failed = i32x4.splat(-1);
  // Four lines at once; batches have room for a multiple of that.
  for (let row: u32 = 0; row < rows; row += 4) {
    const line = lines + (usize(row) << 3);
    const starts = i8x16.shuffle(v128.load(line), v128.load(line, 16), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const marks = i32x4.ne(starts, failed);
    store<u32>(out + row, i32x4.bitmask(marks) * 0x00204081 & 0x01010101);
  }
}
