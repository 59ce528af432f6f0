/**
 * From tokens to values. A token is a string of a column; `kinds`, one byte a row, says what it is (records.ts), or is 0
 * where tokens stand for themselves. What does not convert is NULL; the kernels return for how many live rows. `live` is
 * 0 where nobody counts.
 */

import { POWERS, takeDecimals } from "./decimals";
import { parseTime, timeEnd } from "./time-layouts";
import { ABSENT, BARE, ESCAPED, NOTHING, TEXT, TRUTH } from "./records";
import {
  i64At,
  isNull,
  setBool,
  setF64,
  setI64,
  setNull,
  spanAddress,
  spanLength,
  spanOf,
  Vector,
} from "./vector";

/** What a token is: BARE where nothing tells. */
@inline
function kindOf(tokens: Vector, kinds: usize, row: u32): u32 {
  if (kinds != 0) return load<u8>(kinds + row);
  return isNull(tokens, row) != 0 ? ABSENT : BARE;
}

@inline
function isLive(live: usize, row: u32): u32 {
  return live == 0 ? 0 : load<u8>(live + row);
}

/** Digits with an optional minus that fit an i64. */
export function convertIntegers(tokens: Vector, kinds: usize, live: usize, out: Vector, rows: u32): u32 {
  let failures: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    row = takeUsual<i64>(tokens, kinds, 1, out, row, rows);
    if (row == rows) break;
    const kind = kindOf(tokens, kinds, row);
    const span = u64(i64At(tokens, row));
    const isThere = kind != ABSENT && kind != NOTHING;
    const isGood = kind == BARE && parseInteger(spanAddress(span), spanAddress(span) + spanLength(span));
    failures += u32(isThere && !isGood) & isLive(live, row);
    setI64(out, row, isGood ? parsedInteger : 0);
    setNull(out, row, u32(!isGood));
  }
  return failures;
}

/** Converts rows from `from` on, up to the first whose token is no short number. */
@inline
function takeUsual<T>(tokens: Vector, kinds: usize, divisor: f64, out: Vector, from: u32, rows: u32): u32 {
  return kinds != 0
    ? takeDecimals<T>(tokens, kinds, 1, BARE, divisor, out, from, rows)
    : takeDecimals<T>(tokens, tokens.nulls, tokens.nullStride, 0, divisor, out, from, rows);
}

let parsedInteger: i64 = 0;

function parseInteger(start: usize, end: usize): bool {
  const isNegative = start < end && load<u8>(start) == 0x2d;
  let at = start + usize(isNegative);
  if (at >= end) return false;
  let value: u64 = 0;
  while (at < end) {
    const digit = u32(load<u8>(at)) - 0x30;
    if (digit > 9 || value > 922337203685477580) return false;
    value = value * 10 + digit;
    at++;
  }
  parsedInteger = isNegative ? 0 - i64(value) : i64(value);
  return value <= <u64>i64.MAX_VALUE + u64(isNegative);
}

/**
 * Decimal numbers, divided by `divisor`. One that is not exact by a single rounding (W. D. Clinger, "How to Read Floating
 * Point Numbers Accurately") is left to the host: the number of its row goes to `slow`. Returns the failures, and 65536
 * times how many rows are left.
 */
export function convertDoubles(
  tokens: Vector,
  kinds: usize,
  divisor: f64,
  live: usize,
  out: Vector,
  slow: usize,
  rows: u32,
): u32 {
  let failures: u32 = 0;
  let slowCount: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    row = takeUsual<f64>(tokens, kinds, divisor, out, row, rows);
    if (row == rows) break;
    const kind = kindOf(tokens, kinds, row);
    const span = u64(i64At(tokens, row));
    const isThere = kind != ABSENT && kind != NOTHING;
    const isGood = kind == BARE && parseDouble(spanAddress(span), spanAddress(span) + spanLength(span));
    if (isGood && !isExact) {
      store<u32>(slow + (usize(slowCount) << 2), row);
      slowCount++;
    }
    failures += u32(isThere && !isGood) & isLive(live, row);
    setF64(out, row, !isGood ? 0 : divisor == 1 ? parsedDouble : parsedDouble / divisor);
    setNull(out, row, u32(!isGood));
  }
  return failures | (slowCount << 16);
}

let parsedDouble: f64 = 0;
let isExact: bool = false;

/** Reads `-123.45e-6`; false if it is not such a number. */
function parseDouble(start: usize, end: usize): bool {
  const isNegative = start < end && load<u8>(start) == 0x2d;
  let at = start + usize(isNegative);
  let mantissa: u64 = 0;
  let scale: i32 = 0;
  isExact = true;
  const firstDigit = at;
  while (at < end && u32(load<u8>(at)) - 0x30 < 10) {
    if (mantissa > 900719925474098) isExact = false;
    mantissa = mantissa * 10 + (load<u8>(at) - 0x30);
    at++;
  }
  if (at == firstDigit) return false;
  if (at < end && load<u8>(at) == 0x2e) {
    const point = at;
    at++;
    while (at < end && u32(load<u8>(at)) - 0x30 < 10) {
      if (mantissa > 900719925474098) isExact = false;
      mantissa = mantissa * 10 + (load<u8>(at) - 0x30);
      at++;
    }
    if (at == point + 1) return false;
    scale = i32(point + 1) - i32(at);
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    const isDown = at < end && load<u8>(at) == 0x2d;
    if (at < end && (isDown || load<u8>(at) == 0x2b)) at++;
    if (at >= end) return false;
    let exponent: i32 = 0;
    while (at < end && u32(load<u8>(at)) - 0x30 < 10) {
      if (exponent < 100000) exponent = exponent * 10 + i32(load<u8>(at) - 0x30);
      at++;
    }
    scale += isDown ? 0 - exponent : exponent;
  }
  if (at != end) return false;
  if (scale < -22 || scale > 22) isExact = false;
  if (isExact) {
    const value = f64(mantissa);
    const power = load<f64>(POWERS + (usize(scale < 0 ? 0 - scale : scale) << 3));
    const magnitude = scale < 0 ? value / power : value * power;
    parsedDouble = isNegative ? -magnitude : magnitude;
  }
  return true;
}

/** `true` and `false`. */
export function convertBools(tokens: Vector, kinds: usize, live: usize, out: Vector, rows: u32): u32 {
  let failures: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const kind = kindOf(tokens, kinds, row);
    const span = u64(i64At(tokens, row));
    const length = spanLength(span);
    const isThere = kind != ABSENT && kind != NOTHING;
    let isTrue = false;
    let isFalse = false;
    if ((kind == TRUTH || kind == BARE) && (length == 4 || length == 5)) {
      const word = load<u32>(spanAddress(span));
      isTrue = length == 4 && word == 0x65757274;
      isFalse = length == 5 && word == 0x736c6166 && load<u8>(spanAddress(span), 4) == 0x65;
    }
    failures += u32(isThere && !isTrue && !isFalse) & isLive(live, row);
    setBool(out, row, u32(isTrue));
    setNull(out, row, u32(!isTrue && !isFalse));
  }
  return failures;
}

/** Times of a layout, which the whole token must be. */
export function convertTimes(
  tokens: Vector,
  kinds: usize,
  layout: u32,
  parameter: i64,
  live: usize,
  out: Vector,
  rows: u32,
): u32 {
  let failures: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const kind = kindOf(tokens, kinds, row);
    const span = u64(i64At(tokens, row));
    const isThere = kind != ABSENT && kind != NOTHING;
    const end = spanAddress(span) + spanLength(span);
    const time =
      kind == BARE || kind == TEXT ? parseTime(layout, spanAddress(span), end, parameter) : i64.MIN_VALUE;
    const isGood = time != i64.MIN_VALUE && timeEnd == end;
    failures += u32(isThere && !isGood) & isLive(live, row);
    setI64(out, row, isGood ? time : 0);
    setNull(out, row, u32(!isGood));
  }
  return failures;
}

/** Bytes of the tokens with escapes: the room that {@link convertTexts} needs. */
export function escapedBytes(tokens: Vector, kinds: usize, rows: u32): u64 {
  let total: u64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u8>(kinds + row) == u8(ESCAPED)) total += spanLength(u64(i64At(tokens, row)));
  }
  return total;
}

/** The text of any token. Escapes are undone at `target`: those of CSV with `isCsv`, else those of JSON. */
export function convertTexts(tokens: Vector, kinds: usize, isCsv: u32, target: usize, out: Vector, rows: u32): void {
  let top = target;
  for (let row: u32 = 0; row < rows; row++) {
    const kind = u32(load<u8>(kinds + row));
    let span = u64(i64At(tokens, row));
    if (kind == ESCAPED) {
      const start = spanAddress(span);
      const end = start + spanLength(span);
      const behind = isCsv != 0 ? undoPairs(start, end, top) : undoEscapes(start, end, top);
      span = spanOf(top, u32(behind - top));
      top = behind;
    }
    setI64(out, row, span);
    setNull(out, row, u32(kind == ABSENT || kind == NOTHING));
  }
}

function undoPairs(start: usize, end: usize, target: usize): usize {
  let out = target;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    store<u8>(out, byte);
    out++;
    at += byte == 0x22 ? 2 : 1;
  }
  return out;
}

/** Copies without escapes; what is no escape of JSON stays as it is. Returns the address behind the copy. */
function undoEscapes(start: usize, end: usize, target: usize): usize {
  let out = target;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte != 0x5c || at + 1 >= end) {
      store<u8>(out, byte);
      out++;
      at++;
      continue;
    }
    const letter = load<u8>(at, 1);
    if (letter == 0x75) {
      const point = codePointAt(at, end);
      if (point != 0xffffffff) {
        at += point > 0xffff ? 12 : 6;
        out = storePoint(out, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
        continue;
      }
    }
    const meant = meantBy(letter);
    if (meant == 0) {
      store<u8>(out, byte);
      store<u8>(out, letter, 1);
      out += 2;
    } else {
      store<u8>(out, u8(meant));
      out++;
    }
    at += 2;
  }
  return out;
}

function meantBy(letter: u8): u32 {
  switch (u32(letter)) {
    case 0x22:
    case 0x2f:
    case 0x5c:
      return letter;
    case 0x62: return 0x08;
    case 0x66: return 0x0c;
    case 0x6e: return 0x0a;
    case 0x72: return 0x0d;
    case 0x74: return 0x09;
    default: return 0;
  }
}

/** The code point of a `\u` escape, or of two that are surrogates; 0xffffffff if the four digits are not there. */
function codePointAt(at: usize, end: usize): u32 {
  const first = hexAt(at, end);
  if (first == 0xffffffff || first < 0xd800 || first > 0xdbff) return first;
  if (at + 8 > end || load<u8>(at, 6) != 0x5c || load<u8>(at, 7) != 0x75) return first;
  const second = hexAt(at + 6, end);
  if (second < 0xdc00 || second > 0xdfff) return first;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

function hexAt(escape: usize, end: usize): u32 {
  if (escape + 6 > end) return 0xffffffff;
  let value: u32 = 0;
  for (let at = escape + 2; at < escape + 6; at++) {
    const byte = u32(load<u8>(at));
    const letter = (byte | 0x20) - 0x61;
    if (byte - 0x30 < 10) value = (value << 4) | (byte - 0x30);
    else if (letter < 6) value = (value << 4) | (letter + 10);
    else return 0xffffffff;
  }
  return value;
}

function storePoint(out: usize, point: u32): usize {
  if (point < 0x80) {
    store<u8>(out, u8(point));
    return out + 1;
  }
  if (point < 0x800) {
    store<u8>(out, u8(0xc0 | (point >> 6)));
    store<u8>(out, u8(0x80 | (point & 63)), 1);
    return out + 2;
  }
  if (point < 0x10000) {
    store<u8>(out, u8(0xe0 | (point >> 12)));
    store<u8>(out, u8(0x80 | ((point >> 6) & 63)), 1);
    store<u8>(out, u8(0x80 | (point & 63)), 2);
    return out + 3;
  }
  store<u8>(out, u8(0xf0 | (point >> 18)));
  store<u8>(out, u8(0x80 | ((point >> 12) & 63)), 1);
  store<u8>(out, u8(0x80 | ((point >> 6) & 63)), 2);
  store<u8>(out, u8(0x80 | (point & 63)), 3);
  return out + 4;
}
