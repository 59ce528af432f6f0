/**
 * Steps of the shapes of JSON lines (json-shapes.ts) over lines that follow each other: mostly every line of a batch fits. A
 * loop takes what most lines have, calls nothing, and stops at the first line that has anything else, which is taken by
 * itself.
 */

import { equalBytes, MASKS } from "./bytes";
import {
  BACKSLASH,
  BACKSLASHES,
  END,
  LONG_REACH,
  MAX_QUICK_TEXT,
  MIDDLE_REACH,
  QUOTE,
  QUOTES,
  SHORT_REACH,
  Step,
  textOf,
  VALUE,
} from "./json-step";
import { takeValue } from "./json-values";
import { BARE, NONE, RecordProgram, slotAt, TEXT } from "./records";
import { spanOf } from "./vector";

// In memory, because a constant of 16 bytes is made anew in each round of a loop.
const MINUSES = memory.data<u8>([0x2d]);
const SLASHES = memory.data<u8>([0x2f]);
/** From `-` to `9` lie the digits, the point, and a slash. */
const SPREAD = memory.data<u8>([0x0c]);
const POINT: u32 = 0x2e;
const COMMA: u32 = 0x2c;
const CLOSING: u32 = 0x7d;

/** Lines that a run takes by themselves before it gives up. */
const MAX_OTHERS: u32 = 4;
/** So many searches that went on in one run make the next ones reach further. */
const MANY_ROUNDS: u32 = 8;

const FIRST_ROWS = memory.data<u32>([0, 1, 2, 3]);

/** Whether so many listed lines follow each other. */
export function followEachOther(active: usize, count: u32): bool {
  let expected = i32x4.add(v128.load_splat<u32>(active), v128.load(FIRST_ROWS));
  let differ = i32x4.splat(0);
  const whole = active + (usize(count & ~3) << 2);
  for (let entry = active; entry < whole; entry += 16) {
    differ = v128.or(differ, v128.xor(v128.load(entry), expected));
    expected = i32x4.add(expected, i32x4.splat(4));
  }
  for (let at = count & ~3; at < count; at++) {
    if (load<u32>(active + (usize(at) << 2)) != load<u32>(active) + at) return false;
  }
  return !v128.any_true(differ);
}

/** Takes a step on `count` lines from row `first` on; returns how many of them it took before one that is not for it. */
export function takeRun(step: Step, lines: usize, first: u32, count: u32, program: RecordProgram): u32 {
  if (step.kind == END) return takeEnds(step, lines + (usize(first) << 3), count);
  if (step.kind != VALUE || step.textLength >= MAX_QUICK_TEXT) return 0;
  let taken = takeUsual(step, lines, first, count, program);
  for (let others: u32 = 0; taken < count && others < MAX_OTHERS; others++) {
    if (!takeAny(step, lines, first + taken, program)) break;
    taken++;
    taken += takeUsual(step, lines, first + taken, count - taken, program);
  }
  return taken;
}

/** Takes a step on one line, whatever the value is; returns whether it fits. */
export function takeAny(step: Step, lines: usize, row: u32, program: RecordProgram): bool {
  const line = lines + (usize(row) << 3);
  const length = step.textLength;
  const start = usize(load<u32>(line)) + length;
  const end = usize(load<u32>(line, 4));
  if (start >= end || !equalBytes(start - length, textOf(step), length)) return false;
  const behind = takeValue(start, end, program, step.slot, row);
  if (behind == 0) return false;
  store<u32>(line, u32(behind));
  return true;
}

function takeUsual(step: Step, lines: usize, first: u32, count: u32, program: RecordProgram): u32 {
  const from = lines + (usize(first) << 3);
  const length = step.textLength;
  const isString = step.first == QUOTE;
  // Of texts that fill 16 bytes with the quote behind them the end is compared too.
  const reach = length < 16 ? step.reach : LONG_REACH;
  if (step.slot == NONE) {
    if (!isString) return length > 16 ? skipLaterNumbers(step, from, count) : skipNumbers(step, from, count);
    if (reach == SHORT_REACH) return skipShortStrings(step, from, count);
    if (reach == MIDDLE_REACH) return skipMiddleStrings(step, from, count);
    return skipLongStrings(step, from, count);
  }
  const slot = slotAt(program, step.slot);
  const kinds = slot.kinds + first;
  const spans = slot.spans.values + (usize(first) << 3);
  if (!isString) return takeWantedNumbers(step, from, count, kinds, spans);
  if (reach == SHORT_REACH) return takeShortStrings(step, from, count, kinds, spans);
  if (reach == MIDDLE_REACH) return takeMiddleStrings(step, from, count, kinds, spans);
  return takeLongStrings(step, from, count, kinds, spans);
}

// A function each, so that no line is asked for what is the same for all of them.

function skipShortStrings(step: Step, from: usize, count: u32): u32 {
  return takeStrings(step, from, count, SHORT_REACH, false, 0, 0);
}

function skipMiddleStrings(step: Step, from: usize, count: u32): u32 {
  return takeStrings(step, from, count, MIDDLE_REACH, false, 0, 0);
}

function skipLongStrings(step: Step, from: usize, count: u32): u32 {
  return takeStrings(step, from, count, LONG_REACH, false, 0, 0);
}

function takeShortStrings(step: Step, from: usize, count: u32, kinds: usize, spans: usize): u32 {
  return takeStrings(step, from, count, SHORT_REACH, true, kinds, spans);
}

function takeMiddleStrings(step: Step, from: usize, count: u32, kinds: usize, spans: usize): u32 {
  return takeStrings(step, from, count, MIDDLE_REACH, true, kinds, spans);
}

function takeLongStrings(step: Step, from: usize, count: u32, kinds: usize, spans: usize): u32 {
  return takeStrings(step, from, count, LONG_REACH, true, kinds, spans);
}

function skipNumbers(step: Step, from: usize, count: u32): u32 {
  return takeNumbers(step, from, count, true, false, 0, 0);
}

/** Behind a text of more than 16 bytes. */
function skipLaterNumbers(step: Step, from: usize, count: u32): u32 {
  return takeNumbers(step, from, count, false, false, 0, 0);
}

function takeWantedNumbers(step: Step, from: usize, count: u32, kinds: usize, spans: usize): u32 {
  return takeNumbers(step, from, count, step.textLength <= 16, true, kinds, spans);
}

/** Quoted strings, without backslashes where they are wanted. Only the longest reach is for texts of 16 bytes and more. */
@inline
function takeStrings(
  step: Step,
  from: usize,
  count: u32,
  reach: u32,
  isWanted: bool,
  kinds: usize,
  spans: usize,
): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const isShort = reach < LONG_REACH || length < 16;
  // The quote that begins the string belongs to what is compared.
  store<u8>(text + length, QUOTE);
  const head = v128.load(text);
  const mask = v128.load(MASKS + 16 - usize(min(length + 1, 16)));
  const tailPlace = isShort ? 0 : length - 15;
  const tail = v128.load(text + tailPlace);
  const quote = v128.load(QUOTES);
  const backslash = v128.load(BACKSLASHES);
  const behindText = length + 1;
  const limit = from + (usize(count) << 3);
  let line = from;
  let kind = kinds;
  let span = spans;
  let rounds: u32 = 0;
  for (; line < limit; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (v128.any_true(v128.and(v128.xor(v128.load(start), head), mask))) break;
    if (!isShort && v128.any_true(v128.xor(v128.load(start + tailPlace), tail))) break;
    const value = start + behindText;
    let close = value;
    let hits = hitsWithin(close, reach, quote, backslash, isWanted);
    if (hits == 0) {
      do {
        close += reach;
        rounds++;
        hits = hitsWithin(close, reach, quote, backslash, isWanted);
      } while (hits == 0 && close < end);
    }
    close += usize(ctz(hits));
    if (close >= end) break;
    // Of a string that nobody wants, backslashes matter where they may stand for the quote behind them.
    if (isWanted ? load<u8>(close) != QUOTE : load<u8>(close - 1) == BACKSLASH) break;
    if (isWanted) {
      store<u8>(kind, u8(TEXT));
      store<u64>(span, spanOf(value, u32(close - value)));
      kind++;
      span += 8;
    }
    store<u32>(line, u32(close + 1));
  }
  if (reach < LONG_REACH && rounds > MANY_ROUNDS) step.reach = u16(reach << 1);
  return u32(line - from) >> 3;
}

/** Which of the next 16, 32 or 64 bytes are a quote, or, of a wanted string, a backslash. */
@inline
function hitsWithin(at: usize, reach: u32, quote: v128, backslash: v128, isWanted: bool): u64 {
  let hits = u64(hitsAt(at, quote, backslash, isWanted));
  if (reach >= MIDDLE_REACH) hits |= u64(hitsAt(at + 16, quote, backslash, isWanted)) << 16;
  if (reach < LONG_REACH) return hits;
  const third = u64(hitsAt(at + 32, quote, backslash, isWanted)) << 32;
  return hits | third | (u64(hitsAt(at + 48, quote, backslash, isWanted)) << 48);
}

@inline
function hitsAt(at: usize, quote: v128, backslash: v128, isWanted: bool): u32 {
  const bytes = v128.load(at);
  const quotes = i8x16.eq(bytes, quote);
  return u32(i8x16.bitmask(isWanted ? v128.or(quotes, i8x16.eq(bytes, backslash)) : quotes));
}

/** Numbers of up to 15 characters, without exponents, that a comma or a brace follows. */
@inline
function takeNumbers(
  step: Step,
  from: usize,
  count: u32,
  isShort: bool,
  isWanted: bool,
  kinds: usize,
  spans: usize,
): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const head = v128.load(text);
  const mask = v128.load(MASKS + 16 - usize(min(length, 16)));
  const tailPlace = isShort ? 0 : length - 16;
  const tail = v128.load(text + tailPlace);
  const minus = v128.load_splat<u8>(MINUSES);
  const slash = v128.load_splat<u8>(SLASHES);
  const spread = v128.load_splat<u8>(SPREAD);
  const limit = from + (usize(count) << 3);
  let line = from;
  let kind = kinds;
  let span = spans;
  for (; line < limit; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (v128.any_true(v128.and(v128.xor(v128.load(start), head), mask))) break;
    if (!isShort && v128.any_true(v128.xor(v128.load(start + tailPlace), tail))) break;
    const value = start + length;
    const bytes = v128.load(value);
    const isNear = i8x16.le_u(i8x16.sub(bytes, minus), spread);
    const size = usize(ctz(~u32(i8x16.bitmask(v128.andnot(isNear, i8x16.eq(bytes, slash))))));
    const behind = value + size;
    const next = u32(load<u8>(behind));
    if (behind >= end || size - 1 >= 15 || load<u8>(value) == POINT) break;
    if (next != COMMA && next != CLOSING) break;
    if (isWanted) {
      store<u8>(kind, u8(BARE));
      store<u64>(span, spanOf(value, u32(size)));
      kind++;
      span += 8;
    }
    store<u32>(line, u32(behind));
  }
  return u32(line - from) >> 3;
}

/** The text that ends a line, of up to 16 bytes. */
function takeEnds(step: Step, from: usize, count: u32): u32 {
  const length = step.textLength;
  if (length > 16) return 0;
  const text = v128.load(textOf(step));
  const mask = v128.load(MASKS + 16 - usize(length));
  const limit = from + (usize(count) << 3);
  let line = from;
  for (; line < limit; line += 8) {
    const start = usize(load<u32>(line));
    const end = load<u32>(line, 4);
    if (start + length != usize(end)) break;
    if (v128.any_true(v128.and(v128.xor(v128.load(start), text), mask))) break;
    store<u32>(line, end);
  }
  return u32(line - from) >> 3;
}
