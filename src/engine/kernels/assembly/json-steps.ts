/**
 * Steps of the shapes of JSON lines (json-shapes.ts): the text before a value, and the value, of every listed line at once. A
 * line's cursor, {u32 cursor, u32 end} in the lines of the batch, moves on as far as it fits.
 */

import { equalBytes, MASKS } from "./bytes";
import { takeAny } from "./json-runs";
import {
  BACKSLASH,
  BACKSLASHES,
  CLOSE,
  END,
  MAX_QUICK_TEXT,
  NO_QUOTE,
  OPEN,
  QUOTE,
  QUOTES,
  Step,
  textOf,
} from "./json-step";
import { BARE, NESTED, NONE, RecordProgram, setSlot, slotAt, TEXT } from "./records";
import { i64At, setI64, spanAddress, spanOf } from "./vector";

/** Lines that go through all steps before the next ones, so that their text stays in the first-level cache. */
export const NEAR_LINES: u32 = 64;
/** Row numbers of the lines that a quick loop left out: {@link NEAR_LINES} at most. */
const leftOut = memory.data(256);

/** The host makes it, with zeros: see record-steps.ts. */
@unmanaged
export class ShapeTable {
  /** Lists of row numbers, and the starts of the lines: room for a batch each. */
  active: usize;
  left: usize;
  starts: usize;
  learningPause: u32;
  // SHAPES shapes follow.
}

/** A line that does not fit is as before, and listed behind the `left` ones. */
@inline
function leaveLine(table: ShapeTable, lines: usize, row: u32, left: u32): void {
  store<u32>(lines + (usize(row) << 3), load<u32>(table.starts + (usize(row) << 2)));
  store<u32>(table.left + (usize(left) << 2), row);
}

/**
 * The text and the value of a step, for every line that fitted so far, from the `from`th on; returns how many still do. What
 * most lines have is taken in a loop that calls nothing, so that all it needs stays in registers; what that leaves out, one
 * by one.
 */
export function takeValues(
  table: ShapeTable,
  step: Step,
  lines: usize,
  active: usize,
  count: u32,
  from: u32,
  left: u32,
  program: RecordProgram,
): u32 {
  if (step.textLength >= MAX_QUICK_TEXT) return takeOthers(table, step, lines, active, count, from, left, program);
  const rest = active + (usize(from) << 2);
  // The lines left out lie behind the others, in the order in which they were left out.
  const fitting =
    from +
    (step.first == QUOTE
      ? step.slot == NONE
        ? skipStrings(step, lines, rest, count - from)
        : takeWantedStrings(step, lines, rest, count - from, program)
      : takeNumbers(step, lines, rest, count - from, program));
  const others = count - fitting;
  if (others == 0) return fitting;
  memory.copy(active + (usize(fitting) << 2), leftOut, usize(others) << 2);
  return takeOthers(table, step, lines, active, count, fitting, left, program);
}

/** Lines [from, count) of `active`, any value; those that fit are moved up. */
function takeOthers(
  table: ShapeTable,
  step: Step,
  lines: usize,
  active: usize,
  count: u32,
  from: u32,
  left: u32,
  program: RecordProgram,
): u32 {
  let unfit = left;
  let fitting = from;
  for (let at = from; at < count; at++) {
    const row = load<u32>(active + (usize(at) << 2));
    if (takeAny(step, lines, row, program)) {
      store<u32>(active + (usize(fitting) << 2), row);
      fitting++;
    } else {
      leaveLine(table, lines, row, unfit);
      unfit++;
    }
  }
  // What most lines have decides which loop is tried first.
  if (fitting - from > (count >> 1)) {
    step.first = step.first == QUOTE ? NO_QUOTE : QUOTE;
  }
  return fitting;
}

/** Quoted strings, as long as no backslash matters. Returns how many lines fit; `active` lists them, and {@link leftOut} the others. */
@inline
function takeStrings(
  step: Step,
  lines: usize,
  active: usize,
  count: u32,
  isWanted: bool,
  kinds: usize,
  spans: usize,
): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const isShort = length < 16;
  // The quote that begins the string belongs to what is compared.
  store<u8>(text + length, QUOTE);
  const first = v128.load(text);
  const mask = v128.load(MASKS + 16 - usize(min(length + 1, 16)));
  const lastPlace = isShort ? 0 : length - 15;
  const last = v128.load(text + lastPlace);
  const quote = v128.load(QUOTES);
  const backslash = v128.load(BACKSLASHES);
  let fitting = active;
  let out = leftOut;
  const limit = active + (usize(count) << 2);
  for (let entry = active; entry < limit; entry += 4) {
    const row = load<u32>(entry);
    const line = lines + (usize(row) << 3);
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (
      !v128.any_true(v128.and(v128.xor(v128.load(start), first), mask)) &&
      (isShort || !v128.any_true(v128.xor(v128.load(start + lastPlace), last)))
    ) {
      const value = start + length + 1;
      let close = value;
      let hits = isWanted ? bitsOfEither(close, quote, backslash) : bitsOf(close, quote);
      while (hits == 0 && close < end) {
        close += 32;
        hits = isWanted ? bitsOfEither(close, quote, backslash) : bitsOf(close, quote);
      }
      close += ctz(hits);
      // Of a string that nobody wants, backslashes matter where they may stand for the quote behind them.
      const isEnd = isWanted ? load<u8>(close) == QUOTE : load<u8>(close - 1) != BACKSLASH;
      if (isEnd && close < end) {
        if (isWanted) {
          store<u8>(kinds + row, u8(TEXT));
          store<u64>(spans + (usize(row) << 3), spanOf(value, u32(close - value)));
        }
        store<u32>(line, u32(close + 1));
        store<u32>(fitting, row);
        fitting += 4;
        continue;
      }
    }
    store<u32>(out, row);
    out += 4;
  }
  return u32(fitting - active) >> 2;
}

function takeWantedStrings(step: Step, lines: usize, active: usize, count: u32, program: RecordProgram): u32 {
  const slot = slotAt(program, step.slot);
  return takeStrings(step, lines, active, count, true, slot.kinds, slot.spans.values);
}

function skipStrings(step: Step, lines: usize, active: usize, count: u32): u32 {
  return takeStrings(step, lines, active, count, false, 0, 0);
}

/** Where 32 bytes are `wanted`. */
@inline
function bitsOf(at: usize, wanted: v128): u32 {
  return (
    u32(i8x16.bitmask(i8x16.eq(v128.load(at), wanted))) | (u32(i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted))) << 16)
  );
}

@inline
function bitsOfEither(at: usize, wanted: v128, other: v128): u32 {
  const low = v128.load(at);
  const high = v128.load(at, 16);
  return (
    u32(i8x16.bitmask(v128.or(i8x16.eq(low, wanted), i8x16.eq(low, other)))) |
    (u32(i8x16.bitmask(v128.or(i8x16.eq(high, wanted), i8x16.eq(high, other)))) << 16)
  );
}

/** Numbers of up to 15 characters. Returns how many lines fit; `active` lists them, and {@link leftOut} the others. */
function takeNumbers(step: Step, lines: usize, active: usize, count: u32, program: RecordProgram): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const isShort = length <= 16;
  const first = v128.load(text);
  const mask = v128.load(MASKS + 16 - usize(min(length, 16)));
  const lastPlace = isShort ? 0 : length - 16;
  const last = v128.load(text + lastPlace);
  const isWanted = step.slot != NONE;
  const kinds = isWanted ? slotAt(program, step.slot).kinds : 0;
  const spans = isWanted ? slotAt(program, step.slot).spans.values : 0;
  let fitting = active;
  let out = leftOut;
  const limit = active + (usize(count) << 2);
  for (let entry = active; entry < limit; entry += 4) {
    const row = load<u32>(entry);
    const line = lines + (usize(row) << 3);
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    const value = start + length;
    if (
      value < end &&
      !v128.any_true(v128.and(v128.xor(v128.load(start), first), mask)) &&
      (isShort || !v128.any_true(v128.xor(v128.load(start + lastPlace), last)))
    ) {
      const size = numberLength(value);
      const letter = u32(load<u8>(value));
      if (size < 16 && value + size <= end && (letter - 0x30 < 10 || letter == 0x2d)) {
        if (isWanted) {
          store<u8>(kinds + row, u8(BARE));
          store<u64>(spans + (usize(row) << 3), spanOf(value, u32(size)));
        }
        store<u32>(line, u32(value + size));
        store<u32>(fitting, row);
        fitting += 4;
        continue;
      }
    }
    store<u32>(out, row);
    out += 4;
  }
  return u32(fitting - active) >> 2;
}

/** How many of the next 16 bytes are digits, `+`, `-`, `.`, `e` or `E`, before the first that is none. */
@inline
function numberLength(at: usize): usize {
  const bytes = v128.load(at);
  // From `+` to `9` lie the others of them, with a comma and a slash.
  const isNear = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x2b)), i8x16.splat(0x0e));
  const isNone = v128.or(i8x16.eq(bytes, i8x16.splat(0x2c)), i8x16.eq(bytes, i8x16.splat(0x2f)));
  const isExponent = i8x16.eq(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x65));
  const isOfNumber = v128.or(v128.andnot(isNear, isNone), isExponent);
  return usize(ctz(~u32(i8x16.bitmask(isOfNumber))));
}

/** The text and the place of a step that is no value, for every line that fitted so far, from the `from`th on; returns how many still do. */
export function takeMarks(
  table: ShapeTable,
  step: Step,
  lines: usize,
  active: usize,
  count: u32,
  from: u32,
  left: u32,
  program: RecordProgram,
): u32 {
  const length = step.textLength;
  const isShort = length <= 16;
  const first = v128.load(textOf(step));
  const mask = v128.load(MASKS + 16 - usize(min(length, 16)));
  let unfit = left;
  let fitting = from;
  for (let at = from; at < count; at++) {
    const row = load<u32>(active + (usize(at) << 2));
    const line = lines + (usize(row) << 3);
    const start = usize(load<u32>(line));
    const behind = start + length;
    const end = usize(load<u32>(line, 4));
    const isInPlace = step.kind == END ? behind == end : behind <= end;
    const isSame =
      isInPlace &&
      !v128.any_true(v128.and(v128.xor(v128.load(start), first), mask)) &&
      (isShort || equalBytes(start, textOf(step), length));
    if (isSame) {
      if (step.kind == OPEN) setSlot(program, step.slot, row, NESTED, behind, behind);
      else if (step.kind == CLOSE) closeSlot(program, step.slot, row, behind);
      store<u32>(line, u32(behind));
      store<u32>(active + (usize(fitting) << 2), row);
      fitting++;
    } else {
      leaveLine(table, lines, row, unfit);
      unfit++;
    }
  }
  return fitting;
}

function closeSlot(program: RecordProgram, slot: u32, row: u32, end: usize): void {
  const spans = slotAt(program, slot).spans;
  const start = spanAddress(u64(i64At(spans, row)));
  setI64(spans, row, spanOf(start, u32(end - start)));
}
