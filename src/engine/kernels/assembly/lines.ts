/** Splitting text into lines: the only pass over every byte. */

import { setI64, setNull, Vector } from "./vector";

/** Where a split stands; it is resumed until `lineStart` reaches `rangeEnd` or the text is used up. */
@unmanaged
class LineSplit {
  /** First byte of the next line. */
  lineStart: usize;
  /** Bytes from `lineStart` up to here are known to hold no newline: long lines are searched once. */
  searchFrom: usize;
  textEnd: usize;
  /** Lines that begin here or later are another range's. */
  rangeEnd: usize;
  /** 1 if no text follows `textEnd`, so that what is left is a line of its own. */
  isLastText: u32;
}

/**
 * Writes {u32 start, u32 end} of at most `maxLines` lines to `lines`, stopping early after about `batchBytes` of text.
 * The end excludes the newline and one carriage return before it. Returns the number of lines.
 */
export function splitLines(split: LineSplit, lines: usize, maxLines: u32, batchBytes: u32): u32 {
  const newline = i8x16.splat(0x0a);
  const textEnd = split.textEnd;
  const batchEnd = split.lineStart + batchBytes;
  const stop = batchEnd < split.rangeEnd ? batchEnd : split.rangeEnd;
  const limit = lines + (usize(maxLines) << 3);
  let start = split.lineStart;
  let at = split.searchFrom;
  let out = lines;
  while (at < textEnd) {
    let hits =
      u64(u32(i8x16.bitmask(i8x16.eq(v128.load(at), newline)))) |
      (u64(u32(i8x16.bitmask(i8x16.eq(v128.load(at, 16), newline)))) << 16) |
      (u64(u32(i8x16.bitmask(i8x16.eq(v128.load(at, 32), newline)))) << 32) |
      (u64(u32(i8x16.bitmask(i8x16.eq(v128.load(at, 48), newline)))) << 48);
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
    at += 64;
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

@inline
function storeLine(out: usize, start: usize, end: usize): void {
  const withoutReturn = end - usize(end > start && load<u8>(end - 1) == 0x0d);
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
