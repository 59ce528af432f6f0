/**
 * LIKE and ILIKE. A pattern is a list of segments that `%` separates; `_` stands for one code point. Segments are placed
 * from left to right, each at the first place that fits, which never needs to be taken back: the time is bounded by text
 * length × pattern length.
 */

import { findBytes } from "./strings";
import { i64At, isNull, setBool, setNull, spanAddress, spanLength, Vector } from "./vector";

/** In a pattern's segments: any one code point. The host refuses no byte, since this one never occurs in UTF-8. */
const ANY_POINT: u32 = 0xff;

@unmanaged
class LikePattern {
  /** Segments as spans, in order. */
  segments: usize;
  count: u32;
  /** 1 if the first segment must be at the start: no leading `%`. */
  isBoundAtStart: u32;
  /** 1 if the last segment must be at the end: no trailing `%`. */
  isBoundAtEnd: u32;
  /** 1 for ILIKE; the segments are then in lower case. */
  ignoresCase: u32;
  /** 1 if no segment holds an any-point and case matters: places are searched by bytes. */
  isPlain: u32;
}

export function likeStrings(text: Vector, pattern: LikePattern, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = u64(i64At(text, row));
    setBool(out, row, missing != 0 ? 0 : u32(isLike(spanAddress(span), spanLength(span), pattern)));
    setNull(out, row, missing);
  }
}

function isLike(text: usize, length: u32, pattern: LikePattern): bool {
  const end = text + length;
  let at = text;
  for (let index: u32 = 0; index < pattern.count; index++) {
    const segment = load<u64>(pattern.segments + (index << 3));
    const isFirst = index == 0 && pattern.isBoundAtStart != 0;
    const isLast = index + 1 == pattern.count && pattern.isBoundAtEnd != 0;
    let behind: usize;
    if (isFirst) {
      behind = matchAt(at, end, segment, pattern);
      if (behind == 0 || (isLast && behind != end)) return false;
    } else if (isLast) {
      behind = matchAtEnd(at, end, segment, pattern);
      if (behind == 0) return false;
    } else {
      behind = matchFirst(at, end, segment, pattern);
      if (behind == 0) return false;
    }
    at = behind;
  }
  return true;
}

/** Address behind the segment placed at `at`, or 0. */
function matchAt(at: usize, end: usize, segment: u64, pattern: LikePattern): usize {
  const wantedEnd = spanAddress(segment) + spanLength(segment);
  let place = at;
  for (let wanted = spanAddress(segment); wanted < wantedEnd; wanted++) {
    if (place >= end) return 0;
    const expected = u32(load<u8>(wanted));
    if (expected == ANY_POINT) {
      place = behindPoint(place, end);
      continue;
    }
    let byte = u32(load<u8>(place));
    if (pattern.ignoresCase != 0 && byte - 0x41 < 26) byte |= 0x20;
    if (byte != expected) return 0;
    place++;
  }
  return place;
}

/** A code point is a byte and the continuation bytes behind it. */
function behindPoint(at: usize, end: usize): usize {
  let place = at + 1;
  while (place < end && (load<u8>(place) & 0xc0) == 0x80) place++;
  return place;
}

function matchFirst(from: usize, end: usize, segment: u64, pattern: LikePattern): usize {
  const length = spanLength(segment);
  if (pattern.isPlain != 0) {
    const place = findBytes(from, end, spanAddress(segment), length);
    return place == 0 ? 0 : place + length;
  }
  let at = from;
  while (at <= end) {
    const behind = matchAt(at, end, segment, pattern);
    if (behind != 0) return behind;
    at = at < end ? behindPoint(at, end) : at + 1;
  }
  return 0;
}

/** `end` if the segment fits so that it ends there, not before `from`; else 0. */
function matchAtEnd(from: usize, end: usize, segment: u64, pattern: LikePattern): usize {
  const segmentStart = spanAddress(segment);
  let wanted = segmentStart + spanLength(segment);
  let place = end;
  while (wanted > segmentStart) {
    wanted--;
    if (place <= from) return 0;
    place--;
    const expected = u32(load<u8>(wanted));
    let byte = u32(load<u8>(place));
    if (expected == ANY_POINT) {
      while (place > from && (load<u8>(place) & 0xc0) == 0x80) place--;
      continue;
    }
    if (pattern.ignoresCase != 0 && byte - 0x41 < 26) byte |= 0x20;
    if (byte != expected) return 0;
  }
  return end;
}
