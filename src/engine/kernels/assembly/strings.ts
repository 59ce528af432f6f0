/** Functions of strings that need no pattern. Case is that of ASCII letters. */

import { copyBytes, equalBytes } from "./bytes";
import { i64At, isNull, setBool, setI64, setNull, spanAddress, spanLength, spanOf, Vector } from "./vector";

const STARTS: u32 = 0;
const ENDS: u32 = 1;

/** Whether strings start with, end with, or contain (`place` 0, 1, 2) another. */
export function findStrings(place: u32, text: Vector, wanted: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row) | isNull(wanted, row);
    let found: u32 = 0;
    if (missing == 0) {
      const span = u64(i64At(text, row));
      const needle = u64(i64At(wanted, row));
      const length = spanLength(needle);
      if (length <= spanLength(span)) {
        const start = spanAddress(span);
        const last = start + spanLength(span) - length;
        if (place == STARTS) found = u32(equalBytes(start, spanAddress(needle), length));
        else if (place == ENDS) found = u32(equalBytes(last, spanAddress(needle), length));
        else found = u32(findBytes(start, last + length, spanAddress(needle), length) != 0);
      }
    }
    setBool(out, row, found);
    setNull(out, row, missing);
  }
}

/** Address of the first occurrence in [start, end), or 0. Candidates are found by the first and the last byte. */
export function findBytes(start: usize, end: usize, needle: usize, length: u32): usize {
  if (end - start < length) return 0;
  if (length == 0) return start;
  const first = i8x16.splat(load<i8>(needle));
  const last = i8x16.splat(load<i8>(needle + length - 1));
  const stop = end - length + 1;
  let at = start;
  while (at < stop) {
    const behind = at + length - 1;
    const low = v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(behind), last));
    const high = v128.and(i8x16.eq(v128.load(at, 16), first), i8x16.eq(v128.load(behind, 16), last));
    let hits = u32(i8x16.bitmask(low)) | (u32(i8x16.bitmask(high)) << 16);
    while (hits != 0) {
      const place = at + ctz(hits);
      if (place >= stop) return 0;
      if (equalBytes(place, needle, length)) return place;
      hits &= hits - 1;
    }
    at += 32;
  }
  return 0;
}

/** Length in code points: bytes that do not continue one. */
export function measureStrings(text: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = missing != 0 ? 0 : u64(i64At(text, row));
    const end = spanAddress(span) + spanLength(span);
    let points: i64 = 0;
    for (let at = spanAddress(span); at < end; at++) points += i64((load<u8>(at) & 0xc0) != 0x80);
    setI64(out, row, points);
    setNull(out, row, missing);
  }
}

/** Total bytes of a column's strings: the room that {@link foldCase} needs. */
export function stringBytes(text: Vector, rows: u32): u64 {
  let total: u64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (isNull(text, row) == 0) total += spanLength(u64(i64At(text, row)));
  }
  return total;
}

/** Copies the strings to `target` with the letters from `firstLetter` (`A` or `a`) on in the other case. */
export function foldCase(text: Vector, firstLetter: u32, target: usize, out: Vector, rows: u32): void {
  let top = target;
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = missing != 0 ? 0 : u64(i64At(text, row));
    const start = top;
    const end = spanAddress(span) + spanLength(span);
    for (let at = spanAddress(span); at < end; at++) {
      const byte = u32(load<u8>(at));
      store<u8>(top, byte - firstLetter < 26 ? byte ^ 0x20 : byte);
      top++;
    }
    setI64(out, row, spanOf(start, u32(top - start)));
    setNull(out, row, missing);
  }
}

/** `1xx` to `5xx` for statuses 100 to 599, else NULL. `names` holds the spans of the five. */
export function classifyStatus(status: Vector, names: usize, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const hundreds = i64At(status, row) / 100;
    const missing = isNull(status, row) | u32(hundreds < 1 || hundreds > 5);
    setI64(out, row, missing != 0 ? 0 : load<i64>(names + (usize(hundreds - 1) << 3)));
    setNull(out, row, missing);
  }
}

/** Copies two strings behind each other to `target`, which has room for {@link stringBytes} of both. */
export function joinStrings(left: Vector, right: Vector, target: usize, out: Vector, rows: u32): void {
  let top = target;
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(left, row) | isNull(right, row);
    const start = top;
    if (missing == 0) {
      const first = u64(i64At(left, row));
      const second = u64(i64At(right, row));
      copyBytes(top, spanAddress(first), spanLength(first));
      top += spanLength(first);
      copyBytes(top, spanAddress(second), spanLength(second));
      top += spanLength(second);
    }
    setI64(out, row, spanOf(start, u32(top - start)));
    setNull(out, row, missing);
  }
}
