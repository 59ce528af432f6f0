/**
 * The beginning of an access log's line in one pass: three fields that end at spaces, the time in brackets, the request in
 * quotes, the status and the bytes. What is taken, kept and counted is what the kernels of those operations take
 * one after the other; a pass over the lines for each of them takes twice as long.
 */

import { CLF_TIME_BYTES, microsLikeLast, otherThanLast, takeOtherClfTime } from "./clf-time";
import { sevenDigits, takeOtherInteger } from "./integers";
import { quotesAt, takeOtherQuoted } from "./tokenizer";
import { keepFields, takeOtherUntils } from "./untils";
import { spanOf, Vector } from "./vector";

/** The columns to fill, 0 for what is not kept. */
@unmanaged
export class AccessLine {
  field: usize;
  secondField: usize;
  thirdField: usize;
  /** 0: the kernels of such fields take up to four. */
  fourthField: usize;
  time: usize;
  request: usize;
  status: usize;
  bytes: usize;
}

const FIELDS: u32 = 3;
const KEEPS_FIRST: u32 = 1;
/** More than the first one. */
const KEEPS_FIELDS: u32 = 2;
const KEEPS_TIME: u32 = 4;
const KEEPS_REQUEST: u32 = 8;
const KEEPS_STATUS: u32 = 16;
const KEEPS_BYTES: u32 = 32;

const SPACE: u32 = 0x20;
const BRACKET: u32 = 0x5b;
/** `] "` and `" ` in memory order. */
const BEHIND_TIME: u64 = 0x22205d;
const BEHIND_REQUEST: u64 = 0x2022;
const THREE_BYTES: u64 = 0xffffff;
const REQUEST_OFFSET: usize = CLF_TIME_BYTES + 3;
/** In memory, because a constant of 16 bytes is made anew in each round of a loop. */
const SPLATS = memory.data<u8>([0x20, 0x22, 0x5c]);

/** Takes the beginnings of all lines, with the contract of tokenizer.ts. */
export function takeAccessLines(lines: usize, rows: u32, access: AccessLine): u32 {
  const behind = lines + (usize(rows) << 3);
  let failed: u32 = 0;
  let line = lines;
  while (true) {
    line = takeUsualLines(lines, line, behind, access);
    if (line == behind) return failed;
    failed += takeOtherAccessLine(line, u32(line - lines) >> 3, access);
    line += 8;
  }
}

/**
 * Takes the lines in [from, behind) up to the first that is not as most are, and returns where that lies. No call is made in
 * the loop, so that all it needs stays in registers.
 *
 * Whatever is found before `end` is what a search that `end` bounds would find.
 */
export function takeUsualLines(lines: usize, from: usize, behind: usize, access: AccessLine): usize {
  const space = v128.load_splat<u8>(SPLATS);
  const quote = v128.load_splat<u8>(SPLATS, 1);
  const backslash = v128.load_splat<u8>(SPLATS, 2);
  const kept = keptOf(access);
  let line = from;
  for (; line < behind; line += 8) {
    const start = usize(load<u32>(line));
    const end = usize(load<u32>(line, 4));
    if (start >= end) break;
    let ends = u64(spacesAt(start, space));
    let last = ends & (ends - 1);
    last &= last - 1;
    if (last == 0) {
      ends |= u64(spacesAt(start + 32, space)) << 32;
      last = ends & (ends - 1);
      last &= last - 1;
      if (last == 0) break;
    }
    const time = start + usize(ctz(last)) + 2;
    let at = time + REQUEST_OFFSET;
    if (at >= end) break;
    const others =
      otherThanLast(time) |
      ((load<u64>(time, CLF_TIME_BYTES) & THREE_BYTES) ^ BEHIND_TIME) |
      u64(u32(load<u8>(time - 1)) ^ BRACKET);
    if (others != 0) break;
    let hits = quotesAt(at, quote, backslash);
    while (hits == 0) {
      at += 64;
      if (at >= end) break;
      hits = quotesAt(at, quote, backslash);
    }
    at += usize(ctz(hits));
    if (at + 6 >= end) break;
    // `" 200 `: after the exclusive or, digits are 0 to 9 and all else is 0.
    const answer = load<u64>(at) ^ 0x0000203030302022;
    if ((((answer + 0x0000007676760000) | answer) & 0x0000008080800000) != 0) break;
    if ((answer & 0x0000ff000000ffff) != 0) break;
    const digits = load<u64>(at, 6) ^ 0x3030303030303030;
    const isMissing = u32(u8(digits) == (0x2d ^ 0x30));
    const length = (u32(ctz(((digits + 0x7676767676767676) | digits) & 0x8080808080808080)) >> 3) + isMissing;
    const next = at + 6 + usize(length);
    if (length - 1 >= 7 || next > end) break;
    if (next < end && u32(load<u8>(next)) != SPACE) break;
    store<u32>(line, u32(next) + u32(next < end));

    const row = line - lines;
    if ((kept & KEEPS_FIELDS) != 0) keepFields(changetype<usize>(access), u32(row) >> 3, u32(start), ends, FIELDS);
    if ((kept & KEEPS_FIRST) != 0) keepText(access.field, row, start, start + usize(ctz(ends)));
    if ((kept & KEEPS_TIME) != 0) keep(access.time, row, microsLikeLast(time), 0);
    if ((kept & KEEPS_REQUEST) != 0) keepText(access.request, row, time + REQUEST_OFFSET, at);
    if ((kept & KEEPS_STATUS) != 0) {
      const hundreds = (answer >> 16) & 15;
      keep(access.status, row, hundreds * 100 + ((answer >> 24) & 15) * 10 + ((answer >> 32) & 15), 0);
    }
    if ((kept & KEEPS_BYTES) != 0) keep(access.bytes, row, sevenDigits(digits << (64 - (u64(length) << 3))), isMissing);
  }
  return line;
}

/** What is kept, in one word, so that asking for it in a loop takes no load. */
function keptOf(access: AccessLine): u32 {
  const keepsMore = (access.secondField | access.thirdField) != 0;
  return (
    (keepsMore ? KEEPS_FIELDS : access.field != 0 ? KEEPS_FIRST : 0) |
    (access.time != 0 ? KEEPS_TIME : 0) |
    (access.request != 0 ? KEEPS_REQUEST : 0) |
    (access.status != 0 ? KEEPS_STATUS : 0) |
    (access.bytes != 0 ? KEEPS_BYTES : 0)
  );
}

@inline
function keep(out: usize, row: usize, value: u64, isNull: u32): void {
  store<u64>(changetype<Vector>(out).values + row, value);
  store<u8>(changetype<Vector>(out).nulls + (row >> 3), u8(isNull));
}

/** NULL for a single `-`. */
@inline
function keepText(out: usize, row: usize, start: usize, end: usize): void {
  keep(out, row, spanOf(start, u32(end - start)), u32(end - start == 1) & u32(load<u8>(start) == 0x2d));
}

/** The operations on one line, one after the other. */
export function takeOtherAccessLine(line: usize, row: u32, access: AccessLine): u32 {
  return (
    takeOtherUntils(line, SPACE, BRACKET, FIELDS, changetype<usize>(access), row) +
    takeOtherClfTime(line, BEHIND_TIME & 0xffff, 2, access.time, row) +
    takeOtherQuoted(line, SPACE, 1, 0, access.request, row) +
    takeOtherInteger(line, SPACE, 0, access.status, row) +
    takeOtherInteger(line, SPACE, 1, access.bytes, row)
  );
}

/** One bit for each of 32 bytes. */
@inline
function spacesAt(at: usize, space: v128): u32 {
  return (
    u32(i8x16.bitmask(i8x16.eq(v128.load(at), space))) |
    (u32(i8x16.bitmask(i8x16.eq(v128.load(at, 16), space))) << 16)
  );
}
