/**
 * JSON lines: one walk over each line finds the values of the wanted keys and holds the whole line against the grammar of
 * objects, so that what a row is does not depend on what is wanted. Arrays are held to balanced brackets only. Keys are
 * compared as they are written; of equal ones the last counts.
 */

import {
  BARE,
  clearSlots,
  Entry,
  ESCAPED,
  findEntry,
  NESTED,
  NONE,
  NOTHING,
  RecordProgram,
  setSlot,
  TEXT,
  TRUTH,
} from "./records";

const FAILED: u32 = 0xffffffff;
/** Objects within objects; deeper lines are no rows. */
const MAX_DEPTH: u32 = 64;
/** {u32 node, u32 slot, u32 start} of each object that is open. */
const FRAME_BYTES: usize = 12;
const frames = memory.data(768);

/**
 * Lines of a log have the same keys in the same order. What the line before had as its n-th key, {u32 node, u32 key, u32
 * length, u32 entry}, is tried first: a comparison instead of a search for its end and one for its entry.
 */
const MAX_SEEN: u32 = 64;
const SEEN_BYTES: usize = 16;
const seenKeys = memory.data(1024);
let seenCount: u32 = 0;

/** Takes the JSON object that a line is. */
export function takeJson(lines: usize, rows: u32, program: RecordProgram): u32 {
  let failed: u32 = 0;
  seenCount = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    clearSlots(program, row);
    if (start == FAILED) continue;
    const end = load<u32>(line, 4);
    if (walkObject(skipBlanks(start, end), end, program, row)) {
      store<u32>(line, end);
    } else {
      store<u32>(line, FAILED);
      failed++;
    }
  }
  return failed;
}

function walkObject(from: usize, end: usize, program: RecordProgram, row: u32): bool {
  if (from >= end || load<u8>(from) != 0x7b) return false;
  let depth: u32 = 0;
  let node: u32 = 0;
  let at = skipBlanks(from + 1, end);
  let ordinal: u32 = 0;
  let isClosing = at < end && load<u8>(at) == 0x7d;
  while (true) {
    if (!isClosing) {
      if (at >= end || load<u8>(at) != 0x22) return false;
      const key = at + 1;
      const seen = seenKeys + usize(ordinal) * SEEN_BYTES;
      let keyEnd: usize;
      let entry: Entry;
      if (ordinal < seenCount && isSeen(seen, node, key, end)) {
        keyEnd = key + load<u32>(seen, 8);
        entry = changetype<Entry>(usize(load<u32>(seen, 12)));
      } else {
        keyEnd = endOfString(key, end);
        if (keyEnd >= end) return false;
        entry = changetype<Entry>(findEntry(program, node, key, u32(keyEnd - key)));
        if (!hasEscape && ordinal < MAX_SEEN && ordinal <= seenCount) {
          store<u32>(seen, node);
          store<u32>(seen, u32(key), 4);
          store<u32>(seen, u32(keyEnd - key), 8);
          store<u32>(seen, u32(changetype<usize>(entry)), 12);
          if (ordinal == seenCount) seenCount++;
        }
      }
      ordinal++;
      at = skipBlanks(keyEnd + 1, end);
      if (at >= end || load<u8>(at) != 0x3a) return false;
      at = skipBlanks(at + 1, end);
      if (at >= end) return false;
      const slot = changetype<usize>(entry) == 0 ? NONE : entry.slot;
      if (load<u8>(at) == 0x7b) {
        if (depth == MAX_DEPTH) return false;
        const frame = frames + usize(depth) * FRAME_BYTES;
        store<u32>(frame, node);
        store<u32>(frame, slot, 4);
        store<u32>(frame, u32(at), 8);
        depth++;
        node = changetype<usize>(entry) == 0 ? NONE : entry.child;
        at = skipBlanks(at + 1, end);
        if (at >= end || load<u8>(at) != 0x7d) continue;
      } else {
        at = takeValue(at, end, program, slot, row);
        if (at == 0) return false;
      }
    }
    isClosing = false;
    while (true) {
      at = skipBlanks(at, end);
      if (at >= end) return false;
      const byte = load<u8>(at);
      at++;
      if (byte == 0x2c) break;
      if (byte != 0x7d) return false;
      if (depth == 0) return skipBlanks(at, end) == end;
      depth--;
      const frame = frames + usize(depth) * FRAME_BYTES;
      node = load<u32>(frame);
      setSlot(program, load<u32>(frame, 4), row, NESTED, load<u32>(frame, 8), at);
    }
    at = skipBlanks(at, end);
  }
}

/** Takes a string, an array, a number or a word; returns the address behind it, or 0. */
function takeValue(start: usize, end: usize, program: RecordProgram, slot: u32, row: u32): usize {
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

/** Whether a key of the line before, of up to 16 bytes, stands here too, with the quote behind it. */
@inline
function isSeen(seen: usize, node: u32, key: usize, end: usize): bool {
  const length = load<u32>(seen, 8);
  if (length > 16 || load<u32>(seen) != node || key + length >= end || load<u8>(key + length) != 0x22) return false;
  const same = i8x16.bitmask(i8x16.eq(v128.load(key), v128.load(usize(load<u32>(seen, 4)))));
  const wanted = (1 << length) - 1;
  return (same & wanted) == wanted;
}

/** Whether the last string that {@link endOfString} walked has a backslash. */
let hasEscape: bool = false;

/** Address of the quote that ends a string, or `end` or beyond. */
@inline
function endOfString(start: usize, end: usize): usize {
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

@inline
function skipBlanks(start: usize, end: usize): usize {
  if (load<u8>(start) > 0x20) return start;
  let at = start;
  while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 0x09)) at++;
  return at;
}
