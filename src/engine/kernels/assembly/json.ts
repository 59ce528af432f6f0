/**
 * JSON lines: one walk over each line finds the values of the wanted keys and holds the whole line against the grammar of
 * objects, so that what a row is does not depend on what is wanted. Arrays are held to balanced brackets only. Keys are
 * compared as they are written; of equal ones the last counts.
 */

import {
  beginLearning,
  beginShape,
  endShape,
  listLines,
  recordClosing,
  recordOpening,
  recordValue,
  Shape,
  shapeToLearn,
  tryLearnt,
  tryShapes,
} from "./json-shapes";
import { ShapeTable } from "./json-steps";
import { endOfString, hasEscape, takeValue } from "./json-values";
import { clearRow, clearSlots, Entry, findEntry, NESTED, NONE, RecordProgram, setSlot } from "./records";

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
  const table = changetype<ShapeTable>(program.shapes);
  clearSlots(program, rows);
  seenCount = 0;
  let left = tryShapes(table, lines, listLines(table, lines, rows), program);
  let failed: u32 = 0;
  let learnt = beginLearning(table);
  while (left > 0) {
    left--;
    const row = load<u32>(table.active + (usize(left) << 2));
    const shape = shapeToLearn(table, learnt);
    if (shape == 0) {
      failed += u32(!walkLine(lines, program, row));
      continue;
    }
    learnt++;
    beginShape(changetype<Shape>(shape), load<u32>(lines + (usize(row) << 3)));
    const isRow = walkLine(lines, program, row);
    failed += u32(!isRow);
    if (endShape(isRow, load<u32>(lines + (usize(row) << 3), 4))) left = tryLearnt(table, shape, lines, left, program);
  }
  return failed;
}

function walkLine(lines: usize, program: RecordProgram, row: u32): bool {
  const line = lines + (usize(row) << 3);
  const start = load<u32>(line);
  const end = load<u32>(line, 4);
  clearRow(program, row);
  const isRow = walkObject(skipBlanks(start, end), end, program, row);
  store<u32>(line, isRow ? end : FAILED);
  return isRow;
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
        recordOpening(slot, at);
        const frame = frames + usize(depth) * FRAME_BYTES;
        store<u32>(frame, node);
        store<u32>(frame, slot, 4);
        store<u32>(frame, u32(at), 8);
        depth++;
        node = changetype<usize>(entry) == 0 ? NONE : entry.child;
        at = skipBlanks(at + 1, end);
        if (at >= end || load<u8>(at) != 0x7d) continue;
      } else {
        const behind = takeValue(at, end, program, slot, row);
        if (behind == 0) return false;
        recordValue(slot, at, behind);
        at = behind;
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
      const slot = load<u32>(frame, 4);
      setSlot(program, slot, row, NESTED, load<u32>(frame, 8), at);
      recordClosing(slot, at);
    }
    at = skipBlanks(at, end);
  }
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

@inline
function skipBlanks(start: usize, end: usize): usize {
  if (load<u8>(start) > 0x20) return start;
  let at = start;
  while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 0x09)) at++;
  return at;
}
