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
  const behind = lines + (usize(rows) << 3);
  let failed: u32 = 0;
  let line = lines;
  while (true) {
    line = takeUsualQuoted(lines, line, behind, suffix, suffixLength, out);
    if (line == behind) return failed;
    failed += takeOtherQuoted(line, suffix, suffixLength, isOptional, out, u32(line - lines) >> 3);
    line += 8;
  }
}

/** In memory, because a constant of 16 bytes is made anew in each round of a loop. */
const QUOTE_AND_BACKSLASH = memory.data<u8>([0x22, 0x5c]);

/**
 * Takes text without escapes from the lines in [from, behind), up to the first line that has something else, and returns where
 * that lies. It makes no call, so that its loop keeps the registers.
 */
export function takeUsualQuoted(
  lines: usize,
  from: usize,
  behind: usize,
  suffix: u64,
  suffixLength: u32,
  out: usize,
): usize {
  const quote = v128.load_splat<u8>(QUOTE_AND_BACKSLASH);
  const backslash = v128.load_splat<u8>(QUOTE_AND_BACKSLASH, 1);
  const mask = lowBytes(suffixLength);
  const values = out == 0 ? 0 : changetype<Vector>(out).values;
  const nulls = out == 0 ? 0 : changetype<Vector>(out).nulls;
  let line = from;
  for (; line < behind; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (start >= end || load<u8>(start) != 0x22) break;
    let at = start + 1;
    let hits = quotesAt(at, quote, backslash);
    while (hits == 0) {
      at += 64;
      if (at >= end) break;
      hits = quotesAt(at, quote, backslash);
    }
    at += usize(ctz(hits));
    const next = at + 1 + suffixLength;
    if (next > end || ((load<u64>(at, 1) & mask) ^ suffix | u64(load<u8>(at) ^ 0x22)) != 0) break;
    store<u32>(line, u32(next));
    if (out != 0) {
      const row = line - lines;
      store<u64>(values + row, spanOf(start + 1, u32(at - start - 1)));
      store<u8>(nulls + (row >> 3), u8(u32(at - start == 2) & u32(load<u8>(start, 1) == 0x2d)));
    }
  }
  return line;
}

/** One bit for each of 64 bytes: double quotes and backslashes. */
@inline
export function quotesAt(at: usize, quote: v128, backslash: v128): u64 {
  const low =
    quotesIn(v128.load(at), quote, backslash) | (quotesIn(v128.load(at, 16), quote, backslash) << 16);
  const high =
    quotesIn(v128.load(at, 32), quote, backslash) | (quotesIn(v128.load(at, 48), quote, backslash) << 16);
  return u64(low) | (u64(high) << 32);
}

@inline
function quotesIn(bytes: v128, quote: v128, backslash: v128): u32 {
  return u32(i8x16.bitmask(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash))));
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
      const hits = quotesIn(v128.load(at), i8x16.splat(0x22), i8x16.splat(0x5c));
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
