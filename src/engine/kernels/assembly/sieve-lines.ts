/**
 * Splitting text into lines, where only those that hold a text are wanted. The text is searched for in all lines at once, by
 * two of its bytes; lines without it are counted and never looked at by themselves.
 */

import { equalBytes } from "./bytes";
import { findNewline, LineSplit, storeLine } from "./lines";

/** What is searched for: 1 byte or more, no newline among them. */
@unmanaged
class Needle {
  text: usize;
  length: u32;
  /** Places of the two bytes that tell it from most other text; under 32. */
  first: u32;
  second: u32;
}

const NEWLINE: i8 = 0x0a;
/** Blocks of 64 bytes whose newlines a byte can count. */
const COUNTED_BLOCKS: usize = 63;

/**
 * As `splitLines`, but for lines that hold the needle; `skipped` is set to the number of the others. Stops early after
 * about `batchBytes` of such lines. 0 of both: there is no whole line.
 */
export function sieveLines(split: LineSplit, lines: usize, maxLines: u32, batchBytes: u32, needle: Needle): u32 {
  const limit = endOfLines(split);
  const out = lines + (usize(maxLines) << 3);
  let line = lines;
  let taken: usize = 0;
  let skipped: u32 = 0;
  // All lines before `at` are counted.
  let at = split.lineStart;
  while (at < limit) {
    const place = findNeedle(at, limit, needle);
    skipped += newlinesPassed;
    if (place == 0) {
      skipped += u32(load<u8>(limit - 1) != u8(NEWLINE));
      at = limit;
      break;
    }
    const start = startOfLine(at, place);
    const end = findNewline(place + needle.length, limit);
    storeLine(line, start, end);
    line += 8;
    taken += end - start;
    at = end < limit ? end + 1 : limit;
    if (line == out || taken >= batchBytes) break;
  }
  split.lineStart = at;
  split.searchFrom = max(at, split.searchFrom);
  split.skipped = skipped;
  return u32(line - lines) >> 3;
}

/** Address behind the last line to be looked at: it begins in the range, and is whole. */
function endOfLines(split: LineSplit): usize {
  const textEnd = split.textEnd;
  let before = textEnd;
  if (split.rangeEnd <= textEnd) {
    before = max(split.rangeEnd - 1, split.searchFrom);
    const newline = findNewline(before, textEnd);
    if (newline < textEnd) return newline + 1;
  }
  if (split.isLastText != 0) return textEnd;
  const last = lastNewline(split.searchFrom, before);
  return last == 0 ? split.lineStart : last + 1;
}

/** Newlines between the start of the last search and what it found, but for one in the line of what it found. */
let newlinesPassed: u32 = 0;

/** Address of the needle's first occurrence in [from, end), or 0. */
function findNeedle(from: usize, end: usize, needle: Needle): usize {
  const length = needle.length;
  const firstPlace = usize(needle.first);
  const secondPlace = usize(needle.second);
  const first = i8x16.splat(load<i8>(needle.text + firstPlace));
  const second = i8x16.splat(load<i8>(needle.text + secondPlace));
  let at = from;
  newlinesPassed = 0;
  while (at < end) {
    at = passBlocks(at, end, first, firstPlace, second, secondPlace);
    if (at >= end) return 0;
    // A block with candidates, or the last bytes.
    let hits = u32(i8x16.bitmask(candidates(at, first, firstPlace, second, secondPlace)));
    while (hits != 0) {
      const place = at + usize(ctz(hits));
      if (place + length <= end && equalBytes(place, needle.text, length)) {
        newlinesPassed += popcnt(newlinesAt(at) & ((1 << u32(place - at)) - 1));
        return place;
      }
      hits &= hits - 1;
    }
    const within = end - at < 16 ? (1 << u32(end - at)) - 1 : 0xffff;
    newlinesPassed += popcnt(newlinesAt(at) & within);
    at += 16;
  }
  return 0;
}

/** Steps over blocks of 64 bytes without candidates, counting their newlines; returns where it stopped. */
function passBlocks(
  from: usize,
  end: usize,
  first: v128,
  firstPlace: usize,
  second: v128,
  secondPlace: usize,
): usize {
  const newline = i8x16.splat(NEWLINE);
  let at = from;
  while (at + 64 <= end) {
    const stop = at + min((end - at) >> 6, COUNTED_BLOCKS) * 64;
    let counts = i8x16.splat(0);
    let isFound = false;
    while (at < stop) {
      const left = at + firstPlace;
      const right = at + secondPlace;
      const hits = v128.or(
        v128.or(
          v128.and(i8x16.eq(v128.load(left), first), i8x16.eq(v128.load(right), second)),
          v128.and(i8x16.eq(v128.load(left, 16), first), i8x16.eq(v128.load(right, 16), second)),
        ),
        v128.or(
          v128.and(i8x16.eq(v128.load(left, 32), first), i8x16.eq(v128.load(right, 32), second)),
          v128.and(i8x16.eq(v128.load(left, 48), first), i8x16.eq(v128.load(right, 48), second)),
        ),
      );
      isFound = v128.any_true(hits);
      if (isFound) break;
      const lines = i8x16.add(
        i8x16.add(i8x16.eq(v128.load(at), newline), i8x16.eq(v128.load(at, 16), newline)),
        i8x16.add(i8x16.eq(v128.load(at, 32), newline), i8x16.eq(v128.load(at, 48), newline)),
      );
      counts = i8x16.sub(counts, lines);
      at += 64;
    }
    newlinesPassed += sumOfBytes(counts);
    if (isFound) break;
  }
  return at;
}

@inline
function candidates(at: usize, first: v128, firstPlace: usize, second: v128, secondPlace: usize): v128 {
  return v128.and(
    i8x16.eq(v128.load(at + firstPlace), first),
    i8x16.eq(v128.load(at + secondPlace), second),
  );
}

@inline
function newlinesAt(at: usize): u32 {
  return u32(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(NEWLINE))));
}

@inline
function sumOfBytes(bytes: v128): u32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
  return u32(
    i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3),
  );
}

/** Start of the line that `place` is in, which is not before `floor`. */
function startOfLine(floor: usize, place: usize): usize {
  const last = lastNewline(floor, place);
  return last == 0 ? floor : last + 1;
}

/** Address of the last newline in [from, end), or 0. */
function lastNewline(from: usize, end: usize): usize {
  let at = end;
  while (at >= from + 16) {
    at -= 16;
    const hits = newlinesAt(at);
    if (hits != 0) return at + 31 - usize(clz(hits));
  }
  while (at > from) {
    at--;
    if (load<u8>(at) == u8(NEWLINE)) return at;
  }
  return 0;
}
