/**
 * Steps of the shapes of JSON lines (json-steps.ts) over lines that follow each other: mostly every line of a batch fits. A
 * loop takes what most lines have, calls nothing, and stops at the first line that has anything else.
 */

import { BACKSLASH, BACKSLASHES, MASKS, QUOTE, QUOTES, Step, textOf } from "./json-step";
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

/** Takes a step on `count` lines from row `first` on; returns how many of them it took before another kind of line. */
export function takeRun(step: Step, lines: usize, first: u32, count: u32, program: RecordProgram): u32 {
  const from = lines + (usize(first) << 3);
  const isWanted = step.slot != NONE;
  const kinds = isWanted ? slotAt(program, step.slot).kinds + first : 0;
  const spans = isWanted ? slotAt(program, step.slot).spans.values + (usize(first) << 3) : 0;
  if (step.first == QUOTE) {
    return isWanted
      ? takeStrings(step, from, count, true, kinds, spans)
      : takeStrings(step, from, count, false, kinds, spans);
  }
  return isWanted
    ? takeNumbers(step, from, count, true, kinds, spans)
    : takeNumbers(step, from, count, false, kinds, spans);
}

/** Quoted strings, without backslashes where they are wanted. */
@inline
function takeStrings(step: Step, from: usize, count: u32, isWanted: bool, kinds: usize, spans: usize): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const isShort = length < 16;
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
  for (; line < limit; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (v128.any_true(v128.and(v128.xor(v128.load(start), head), mask))) break;
    if (!isShort && v128.any_true(v128.xor(v128.load(start + tailPlace), tail))) break;
    const value = start + behindText;
    let close = value;
    let hits = hitsAt(close, quote, backslash, isWanted);
    while (hits == 0 && close < end) {
      close += 32;
      hits = hitsAt(close, quote, backslash, isWanted);
    }
    close += ctz(hits);
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
  return u32(line - from) >> 3;
}

/** Where 32 bytes are a quote, or, of a wanted string, a backslash. */
@inline
function hitsAt(at: usize, quote: v128, backslash: v128, isWanted: bool): u32 {
  const low = v128.load(at);
  const high = v128.load(at, 16);
  const lowHits = i8x16.eq(low, quote);
  const highHits = i8x16.eq(high, quote);
  return isWanted
    ? u32(i8x16.bitmask(v128.or(lowHits, i8x16.eq(low, backslash)))) |
        (u32(i8x16.bitmask(v128.or(highHits, i8x16.eq(high, backslash)))) << 16)
    : u32(i8x16.bitmask(lowHits)) | (u32(i8x16.bitmask(highHits)) << 16);
}

/** Numbers of up to 15 characters, without exponents, that a comma or a brace follows. */
@inline
function takeNumbers(step: Step, from: usize, count: u32, isWanted: bool, kinds: usize, spans: usize): u32 {
  const text = textOf(step);
  const length = step.textLength;
  const isShort = length <= 16;
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
