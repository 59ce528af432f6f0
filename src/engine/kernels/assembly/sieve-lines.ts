/**
 * Splitting text into lines, where only those that hold a text are wanted. The text is searched for in all lines at once, by
 * two of its bytes; lines without it are counted and never looked at by themselves.
 */

import { equalBytes, MASKS } from "./bytes";
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
/** In memory, because a constant of 16 bytes is made anew in each round of a loop. */
const NEWLINES = memory.data<u8>([0x0a]);
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

/** Newlines between the start of the last search and what it found, or its end. */
let newlinesPassed: u32 = 0;

/** Address of the needle's first occurrence in [from, end), or 0. */
function findNeedle(from: usize, end: usize, needle: Needle): usize {
  newlinesPassed = 0;
  let at = from;
  while (true) {
    const place = findBeginning(at, end, needle);
    if (place == 0 || needle.length <= 16) return place;
    if (equalBytes(place + 16, needle.text + 16, needle.length - 16)) return place;
    // No newline is part of a needle.
    at = place + 1;
  }
}

/**
 * Address of the first place in [from, end) that has room for the needle and begins as it does, up to 16 bytes; or 0. Newlines
 * are counted in the bytes that are compared with the first of the two, {@link Needle.first} bytes ahead: they are loaded
 * anyway.
 */
function findBeginning(from: usize, end: usize, needle: Needle): usize {
  const length = needle.length;
  const firstPlace = usize(needle.first);
  const secondPlace = usize(needle.second);
  const first = v128.load_splat<u8>(needle.text + firstPlace);
  const second = v128.load_splat<u8>(needle.text + secondPlace);
  const text = needle.text;
  const mask = MASKS + 16 - usize(min(length, 16));
  const newline = v128.load_splat<u8>(NEWLINES);
  let at = from;
  let found: usize = 0;
  let passed: u32 = 0;
  while (at < end && found == 0) {
    const stop = at + min((end - at + 63) >> 6, COUNTED_BLOCKS) * 64;
    let counts = i8x16.splat(0);
    while (at < stop) {
      const left = at + firstPlace;
      const right = at + secondPlace;
      const bytes0 = v128.load(left);
      const bytes1 = v128.load(left, 16);
      const bytes2 = v128.load(left, 32);
      const bytes3 = v128.load(left, 48);
      const hits0 = v128.and(i8x16.eq(bytes0, first), i8x16.eq(v128.load(right), second));
      const hits1 = v128.and(i8x16.eq(bytes1, first), i8x16.eq(v128.load(right, 16), second));
      const hits2 = v128.and(i8x16.eq(bytes2, first), i8x16.eq(v128.load(right, 32), second));
      const hits3 = v128.and(i8x16.eq(bytes3, first), i8x16.eq(v128.load(right, 48), second));
      if (v128.any_true(v128.or(v128.or(hits0, hits1), v128.or(hits2, hits3)))) {
        let hits = bitsOf(hits0, hits1) | (bitsOf(hits2, hits3) << 32);
        while (hits != 0) {
          const place = at + usize(ctz(hits));
          if (isSame(place, text, mask) && place + length <= end) {
            found = place;
            break;
          }
          hits &= hits - 1;
        }
        if (found != 0) break;
      }
      const lines = i8x16.add(
        i8x16.add(i8x16.eq(bytes0, newline), i8x16.eq(bytes1, newline)),
        i8x16.add(i8x16.eq(bytes2, newline), i8x16.eq(bytes3, newline)),
      );
      counts = i8x16.sub(counts, lines);
      at += 64;
    }
    passed += sumOfBytes(counts);
  }
  const counted = at + firstPlace;
  const stop = found == 0 ? end : found;
  newlinesPassed += passed + countNewlines(from, from + firstPlace);
  newlinesPassed += stop < counted ? 0 - countNewlines(stop, counted) : countNewlines(counted, stop);
  return found;
}

@inline
function isSame(place: usize, text: usize, mask: usize): bool {
  return !v128.any_true(v128.and(v128.xor(v128.load(place), v128.load(text)), v128.load(mask)));
}

/** Where 32 bytes are true. */
@inline
function bitsOf(low: v128, high: v128): u64 {
  return u64(u32(i8x16.bitmask(low)) | (u32(i8x16.bitmask(high)) << 16));
}

/** Newlines in [from, end), which are few bytes. */
function countNewlines(from: usize, end: usize): u32 {
  let count: u32 = 0;
  for (let at = from; at < end; at += 16) {
    const within: u32 = end - at < 16 ? (1 << u32(end - at)) - 1 : 0xffff;
    count += popcnt(newlinesAt(at) & within);
  }
  return count;
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
