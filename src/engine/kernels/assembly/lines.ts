/** Splitting text into lines: the only pass over every byte. */

import { setI64, setNull, Vector } from "./vector";

const BLOCK_BYTES: usize = 64;
/** In memory, because a constant of 16 bytes is made anew in each round of a loop. */
const NEWLINE = memory.data<u8>([0x0a]);

/** Where a split stands; it is resumed until `lineStart` reaches `rangeEnd` or the text is used up. */
@unmanaged
export class LineSplit {
  /** First byte of the next line. */
  lineStart: usize;
  /** Bytes from `lineStart` up to here are known to hold no newline: long lines are searched once. */
  searchFrom: usize;
  textEnd: usize;
  /** Lines that begin here or later are another range's. */
  rangeEnd: usize;
  /** 1 if no text follows `textEnd`, so that what is left is a line of its own. */
  isLastText: u32;
  /** Lines that a sieve left out. */
  skipped: u32;
}

/**
 * Writes {u32 start, u32 end} of at most `maxLines` lines to `lines`, stopping early after about `batchBytes` of text.
 * The end excludes the newline and one carriage return before it. Returns the number of lines.
 */
export function splitLines(split: LineSplit, lines: usize, maxLines: u32, batchBytes: u32): u32 {
  const newline = v128.load_splat<u8>(NEWLINE);
  const textEnd = split.textEnd;
  const batchEnd = split.lineStart + batchBytes;
  const stop = batchEnd < split.rangeEnd ? batchEnd : split.rangeEnd;
  const limit = lines + (usize(maxLines) << 3);
  let out = noteNewlines(split, stop < textEnd ? stop : textEnd, lines, limit);
  let start = split.lineStart;
  if (out > lines) {
    const newlineAt = usize(load<u32>(lines, 4));
    storeLine(lines, start, newlineAt);
    start = newlineAt + 1;
  }
  for (let line = lines + 8; line < out; line += 8) {
    // Before an empty line is a newline, which is no carriage return.
    const newlineAt = usize(load<u32>(line, 4));
    const end = newlineAt - usize(load<u8>(newlineAt - 1) == 0x0d);
    store<u64>(line, u64(start) | (u64(end) << 32));
    start = newlineAt + 1;
  }
  let at = split.searchFrom;
  while (at < textEnd) {
    let hits = newlinesAt(at, newline);
    while (hits != 0) {
      const newlineAt = at + usize(ctz(hits));
      if (newlineAt >= textEnd) break;
      hits &= hits - 1;
      storeLine(out, start, newlineAt);
      out += 8;
      start = newlineAt + 1;
      if (out == limit || start >= stop) {
        split.lineStart = start;
        split.searchFrom = start;
        return u32(out - lines) >> 3;
      }
    }
    at += BLOCK_BYTES;
  }
  if (split.isLastText != 0 && start < textEnd) {
    storeLine(out, start, textEnd);
    out += 8;
    start = textEnd;
  }
  split.lineStart = start;
  split.searchFrom = textEnd;
  return u32(out - lines) >> 3;
}

/**
 * Writes the places of newlines as the ends of lines, for as long as whole blocks end before `stop` and there is room for
 * the newlines of a whole block; moves `searchFrom` behind them. Returns the address behind the last line.
 *
 * Most blocks hold one newline or none. Both are the same work, since a branch between them would be guessed wrong at nearly
 * every line: the place is stored, and kept if there was a newline. A block with several ends the inner loop, which so has
 * a single way through.
 */
export function noteNewlines(split: LineSplit, stop: usize, lines: usize, limit: usize): usize {
  const newline = v128.load_splat<u8>(NEWLINE);
  let at = split.searchFrom;
  let out = lines;
  while (at + BLOCK_BYTES < stop && out + BLOCK_BYTES * 8 <= limit) {
    const wholeBlocks = (stop - at - 1) & ~(BLOCK_BYTES - 1);
    // At most one newline a block is written in the inner loop.
    const behind = at + min(wholeBlocks, (limit - out - BLOCK_BYTES * 8 + 8) << 3);
    let others: u64 = 0;
    while (at < behind) {
      const hits = newlinesAt(at, newline);
      store<u32>(out, u32(at + usize(ctz(hits))), 4);
      out += usize(hits != 0) << 3;
      others = hits & (hits - 1);
      at += BLOCK_BYTES;
      if (others != 0) break;
    }
    while (others != 0) {
      store<u32>(out, u32(at - BLOCK_BYTES + usize(ctz(others))), 4);
      out += 8;
      others &= others - 1;
    }
  }
  split.searchFrom = at;
  return out;
}

/** One bit for each of 64 bytes. */
@inline
function newlinesAt(at: usize, newline: v128): u64 {
  const low =
    u32(i8x16.bitmask(i8x16.eq(v128.load(at), newline))) |
    (u32(i8x16.bitmask(i8x16.eq(v128.load(at, 16), newline))) << 16);
  const high =
    u32(i8x16.bitmask(i8x16.eq(v128.load(at, 32), newline))) |
    (u32(i8x16.bitmask(i8x16.eq(v128.load(at, 48), newline))) << 16);
  return u64(low) | (u64(high) << 32);
}

@inline
export function storeLine(out: usize, start: usize, end: usize): void {
  const withoutReturn = end - usize(u32(end > start) & u32(load<u8>(end - 1) == 0x0d));
  store<u64>(out, u64(start) | (u64(withoutReturn) << 32));
}

/** Address of the first newline in [from, end), or `end`. */
export function findNewline(from: usize, end: usize): usize {
  const newline = i8x16.splat(0x0a);
  let at = from;
  while (at < end) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (hits != 0) {
      const hit = at + ctz(hits);
      return hit < end ? hit : end;
    }
    at += 16;
  }
  return end;
}

/** Copies the lines as strings, before the tokenizer moves their starts. For the field `_raw`. */
export function copyLines(lines: usize, rows: u32, values: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    const start = load<u32>(lines + (row << 3));
    const end = load<u32>(lines + (row << 3), 4);
    store<u64>(values + (row << 3), u64(start) | (u64(end - start) << 32));
  }
}

/** Where the lines begin: `origin` counts the address 0. To be asked before the tokenizer moves the starts. */
export function positionLines(lines: usize, rows: u32, origin: i64, out: Vector): void {
  for (let row: u32 = 0; row < rows; row++) {
    setI64(out, row, origin + i64(load<u32>(lines + (row << 3))));
    setNull(out, row, 0);
  }
}
