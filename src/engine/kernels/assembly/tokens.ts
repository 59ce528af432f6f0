/**
 * More operations of field programs, with the contract of those in tokenizer.ts. An optional operation on a line that is
 * used up takes nothing, and does not fail.
 */

import { equalBytes } from "./bytes";
import { parseTime, timeEnd } from "./time-layouts";
import { i64At, isNull, setI64, setNoToken, setNull, setToken, spanAddress, spanLength, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;

/** Fails the line, or leaves one that is used up as it is; 1 if it failed here. */
function miss(line: usize, row: u32, isOptional: u32, out: usize): u32 {
  if (out != 0) setNoToken(changetype<Vector>(out), row);
  const start = load<u32>(line);
  if (start == FAILED || (isOptional != 0 && start == load<u32>(line, 4))) return 0;
  store<u32>(line, FAILED);
  return 1;
}

/**
 * Takes up to a delimiter of 1 to 8 bytes, the low ones of `text`, and steps over it. With `mayEnd` the end of the line is
 * one too.
 */
export function takeUntilText(
  lines: usize,
  rows: u32,
  text: u64,
  length: u32,
  mayEnd: u32,
  isOptional: u32,
  out: usize,
): u32 {
  const wanted = i8x16.splat(i8(text & 0xff));
  const mask = ~(<u64>0) >> (64 - (u64(length) << 3));
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let found: usize = 0;
    let at = start;
    while (at < end) {
      let hits = u32(i8x16.bitmask(i8x16.eq(v128.load(at), wanted)));
      while (hits != 0) {
        const place = at + ctz(hits);
        if (place < end && end - place >= length && (load<u64>(place) & mask) == text) {
          found = place;
          break;
        }
        hits &= hits - 1;
      }
      if (found != 0) break;
      at += 16;
    }
    if (found != 0) {
      store<u32>(line, u32(found) + length);
      if (out != 0) setToken(changetype<Vector>(out), row, start, found);
    } else if (mayEnd != 0 && start < end) {
      store<u32>(line, end);
      if (out != 0) setToken(changetype<Vector>(out), row, start, end);
    } else {
      failed += miss(line, row, isOptional, out);
    }
  }
  return failed;
}

/** Takes up to the first of up to 4 bytes, or the end of the line; steps over nothing. An empty token fails. */
export function takeUntilAny(lines: usize, rows: u32, delimiters: u32, isOptional: u32, out: usize): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = start;
    while (at < end) {
      const byte = u32(load<u8>(at));
      if (byte == (delimiters & 0xff) || byte == ((delimiters >> 8) & 0xff)) break;
      if (byte == ((delimiters >> 16) & 0xff) || byte == delimiters >> 24) break;
      at++;
    }
    if (start < end && at > start) {
      store<u32>(line, at);
      if (out != 0) setToken(changetype<Vector>(out), row, start, at);
    } else {
      failed += miss(line, row, isOptional, out);
    }
  }
  return failed;
}

/** Takes what is left of the line, which may be nothing. */
export function takeRest(lines: usize, rows: u32, isOptional: u32, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    if (start == FAILED || (isOptional != 0 && start == end)) {
      if (out != 0) setNoToken(changetype<Vector>(out), row);
      continue;
    }
    store<u32>(line, end);
    if (out != 0) setToken(changetype<Vector>(out), row, start, end);
  }
  return 0;
}

/** Steps over any number of spaces. */
export function skipSpaces(lines: usize, rows: u32): u32 {
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const end = load<u32>(line, 4);
    let at = load<u32>(line);
    while (at < end && load<u8>(at) == 0x20) at++;
    store<u32>(line, at);
  }
  return 0;
}

/** Steps over `open` (1 to 8 bytes), takes up to `close` (1 to 8 bytes) and steps over it; nothing where `open` is not, or `close` is not. */
export function takeBetween(
  lines: usize,
  rows: u32,
  open: u64,
  openLength: u32,
  close: u64,
  closeLength: u32,
  out: usize,
): u32 {
  const openMask = ~(<u64>0) >> (64 - (u64(openLength) << 3));
  const closeMask = ~(<u64>0) >> (64 - (u64(closeLength) << 3));
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let found: usize = 0;
    if (start < end && end - start >= openLength && (load<u64>(start) & openMask) == open) {
      for (let at = start + openLength; at + closeLength <= end; at++) {
        if ((load<u64>(at) & closeMask) == close) {
          found = at;
          break;
        }
      }
    }
    if (found != 0) {
      store<u32>(line, u32(found) + closeLength);
      if (out != 0) setToken(changetype<Vector>(out), row, start + openLength, found);
    } else if (out != 0) {
      setNoToken(changetype<Vector>(out), row);
    }
  }
  return 0;
}

/** Takes a time of a layout (see time-layouts.ts), or `-` for NULL. */
export function takeTime(lines: usize, rows: u32, layout: u32, parameter: i64, isOptional: u32, out: usize): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    const time = start < end ? parseTime(layout, start, end, parameter) : i64.MIN_VALUE;
    const isMissing = u32(time == i64.MIN_VALUE && start < end && load<u8>(start) == 0x2d);
    if (time != i64.MIN_VALUE || isMissing != 0) {
      store<u32>(line, isMissing != 0 ? start + 1 : u32(timeEnd));
      if (out != 0) {
        setI64(changetype<Vector>(out), row, time);
        setNull(changetype<Vector>(out), row, isMissing);
      }
    } else {
      failed += miss(line, row, isOptional, out);
    }
  }
  return failed;
}

/** Takes the structured data of RFC 5424: `-`, or elements in square brackets, in which a backslash escapes. */
export function takeStructuredData(lines: usize, rows: u32, isOptional: u32, out: usize): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let at = start;
    if (start < end && load<u8>(start) == 0x2d) {
      at++;
    } else {
      while (at < end && load<u8>(at) == 0x5b) {
        let close = at + 1;
        while (close < end && load<u8>(close) != 0x5d) close += load<u8>(close) == 0x5c ? 2 : 1;
        if (close >= end) break;
        at = u32(close) + 1;
      }
    }
    if (start < end && at > start) {
      store<u32>(line, at);
      if (out != 0) setToken(changetype<Vector>(out), row, start, at);
    } else {
      failed += miss(line, row, isOptional, out);
    }
  }
  return failed;
}

/** Fails lines whose rest begins with a byte. */
export function rejectByte(lines: usize, rows: u32, byte: u32): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    if (start < load<u32>(line, 4) && load<u8>(start) == u8(byte)) {
      store<u32>(line, FAILED);
      failed++;
    }
  }
  return failed;
}

/** Lines that begin with the string at `prefix` but are not the one at `whole`, whose spaces at the end do not count. */
export function countOthers(lines: usize, rows: u32, prefix: usize, whole: usize): u32 {
  const prefixSpan = load<u64>(prefix);
  const wholeSpan = load<u64>(whole);
  let others: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    let end = load<u32>(line, 4);
    if (start >= end || end - start < spanLength(prefixSpan)) continue;
    if (!equalBytes(start, spanAddress(prefixSpan), spanLength(prefixSpan))) continue;
    while (end > start && load<u8>(end - 1) == 0x20) end--;
    const isSame = end - start == spanLength(wholeSpan) && equalBytes(start, spanAddress(wholeSpan), end - start);
    others += u32(!isSame);
  }
  return others;
}

/** Fails lines for which a column has no value. */
export function requireValues(lines: usize, rows: u32, column: Vector): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    if (isNull(column, row) == 0 || load<u32>(line) == FAILED) continue;
    store<u32>(line, FAILED);
    failed++;
  }
  return failed;
}

/** Fails lines for which a column has no value although there was a token for it. */
export function requireConversions(lines: usize, rows: u32, tokens: Vector, column: Vector): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    if (isNull(column, row) == 0 || isNull(tokens, row) != 0 || load<u32>(line) == FAILED) continue;
    store<u32>(line, FAILED);
    failed++;
  }
  return failed;
}

/** Goes on within the strings of a column, without a line end behind them, where lines have not failed. */
export function enterTexts(lines: usize, rows: u32, column: Vector): void {
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    if (load<u32>(line) == FAILED) continue;
    const span = u64(i64At(column, row));
    const start = spanAddress(span);
    let end = start + spanLength(span);
    if (end > start && load<u8>(end - 1) == 0x0a) end--;
    if (end > start && load<u8>(end - 1) == 0x0d) end--;
    store<u64>(line, u64(start) | (u64(end) << 32));
  }
}
