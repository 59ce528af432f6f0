/** Values of JSON that are no objects, and where they end. */

import { BARE, ESCAPED, NESTED, NOTHING, RecordProgram, setSlot, TEXT, TRUTH } from "./records";

/** Takes a string, an array, a number or a word; returns the address behind it, or 0. */
export function takeValue(start: usize, end: usize, program: RecordProgram, slot: u32, row: u32): usize {
  const byte = load<u8>(start);
  if (byte == 0x22) {
    const close = endOfString(start + 1, end);
    if (close >= end) return 0;
    setSlot(program, slot, row, hasEscape ? ESCAPED : TEXT, start + 1, close);
    return close + 1;
  }
  if (byte == 0x5b) {
    const behind = endOfArray(start, end);
    if (behind != 0) setSlot(program, slot, row, NESTED, start, behind);
    return behind;
  }
  let at = start;
  if (byte == 0x2d || u32(byte) - 0x30 < 10) {
    while (at < end && isOfNumber(load<u8>(at))) at++;
    setSlot(program, slot, row, BARE, start, at);
    return at;
  }
  const word = load<u32>(start);
  if (end - start >= 4 && word == 0x65757274) at = start + 4;
  else if (end - start >= 5 && word == 0x736c6166 && load<u8>(start, 4) == 0x65) at = start + 5;
  if (at > start) {
    setSlot(program, slot, row, TRUTH, start, at);
    return at;
  }
  if (end - start < 4 || word != 0x6c6c756e) return 0;
  setSlot(program, slot, row, NOTHING, start, start);
  return start + 4;
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
@inline
function isOfNumber(byte: u8): bool {
  return u32(byte) - 0x30 < 10 || byte == 0x2e || byte == 0x2d || byte == 0x2b || (byte | 0x20) == 0x65;
}

/** Whether the last string that {@link endOfString} walked has a backslash. */
export let hasEscape: bool = false;

/** Address of the quote that ends a string, or `end` or beyond. */
@inline
export function endOfString(start: usize, end: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  let at = start;
  hasEscape = false;
  while (at < end) {
    const low = v128.load(at);
    const high = v128.load(at, 16);
    const hits =
      u32(i8x16.bitmask(v128.or(i8x16.eq(low, quote), i8x16.eq(low, backslash)))) |
      (u32(i8x16.bitmask(v128.or(i8x16.eq(high, quote), i8x16.eq(high, backslash)))) << 16);
    if (hits == 0) {
      at += 32;
      continue;
    }
    at += ctz(hits);
    if (load<u8>(at) == 0x22) return at;
    hasEscape = true;
    at += 2;
  }
  return end;
}

/** Address behind the bracket that closes an array; 0 if none does. Strings within are stepped over. */
function endOfArray(start: usize, end: usize): usize {
  let depth: u32 = 0;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    at++;
    if (byte == 0x22) {
      at = endOfString(at, end) + 1;
    } else if (byte == 0x5b || byte == 0x7b) {
      depth++;
    } else if (byte == 0x5d || byte == 0x7d) {
      depth--;
      if (depth == 0) return at;
    }
  }
  return 0;
}
