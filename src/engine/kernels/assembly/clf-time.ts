/** Times of access logs, `dd/Mon/yyyy:hh:mm:ss +hhmm`, as microseconds since 1970 UTC. */

import { daysInMonth, daysOfDate, MICROS_PER_DAY, MICROS_PER_SECOND, monthOf, twoDigits } from "./timestamps";
import { lowBytes, setNoToken, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;
export const CLF_TIME_BYTES: u32 = 26;

/**
 * The first 16 bytes of the last time that was read, `dd/Mon/yyyy:hh:m`, its zone as it is written, and the time they
 * stand for: most lines of a log share them with the one before, so that only the rest is converted. No zone has bits above
 * the 48th: nothing is known yet.
 */
const LAST = memory.data<u64>([0, 0, ~(<u64>0), 0]);

/**
 * Takes a time, then the low `suffixLength` (0 to 8) bytes of `suffix`, with the contract of tokenizer.ts. Times that begin
 * as the one before are taken here, all others one by one.
 */
export function takeClfTime(lines: usize, rows: u32, suffix: u64, suffixLength: u32, out: usize): u32 {
  const mask = lowBytes(suffixLength);
  const width = CLF_TIME_BYTES + suffixLength;
  const behind = lines + (usize(rows) << 3);
  let value: usize = out == 0 ? 0 : changetype<Vector>(out).values;
  let missing: usize = out == 0 ? 0 : changetype<Vector>(out).nulls;
  let failed: u32 = 0;
  for (let line = lines; line < behind; line += 8) {
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let isTaken = false;
    if (start < end && end - start >= width) {
      if ((otherThanLast(start) | ((load<u64>(start, CLF_TIME_BYTES) & mask) ^ suffix)) == 0) {
        isTaken = true;
        store<u32>(line, start + width);
        if (out != 0) {
          store<i64>(value, microsLikeLast(start));
          store<u8>(missing, 0);
        }
      }
    }
    if (!isTaken) failed += takeOtherClfTime(line, suffix, suffixLength, out, u32(line - lines) >> 3);
    value += 8;
    missing += 1;
  }
  return failed;
}

/** {@link takeClfTime} for the line of one row. A function of its own, so that the loop keeps the registers. */
export function takeOtherClfTime(line: usize, suffix: u64, suffixLength: u32, out: usize, row: u32): u32 {
  const start = load<u32>(line);
  const end = load<u32>(line, 4);
  const time = start < end && end - start >= CLF_TIME_BYTES ? parseClfTime(start) : i64.MIN_VALUE;
  if (out != 0) {
    const column = changetype<Vector>(out);
    if (time == i64.MIN_VALUE) {
      setNoToken(column, row);
    } else {
      store<i64>(column.values + (usize(row) << 3), time);
      store<u8>(column.nulls + row, 0);
    }
  }
  const behind = start + CLF_TIME_BYTES;
  if (time != i64.MIN_VALUE && end - behind >= suffixLength && (load<u64>(behind) & lowBytes(suffixLength)) == suffix) {
    store<u32>(line, behind + suffixLength);
    return 0;
  }
  store<u32>(line, FAILED);
  return u32(start != FAILED);
}

/** Reads the 26 bytes of `dd/Mon/yyyy:hh:mm:ss +hhmm`; i64.MIN_VALUE if they are not such a time. */
export function parseClfTime(at: usize): i64 {
  const low = load<u64>(at);
  const high = load<u64>(at, 8);
  const zone = load<u64>(at, 18) >> 16;
  let start = load<i64>(LAST, 24);
  if (((low ^ load<u64>(LAST)) | (high ^ load<u64>(LAST, 8)) | (zone ^ load<u64>(LAST, 16))) != 0) {
    start = parseTenMinutes(at);
    if (start == i64.MIN_VALUE) return start;
    store<u64>(LAST, low);
    store<u64>(LAST, high, 8);
    store<u64>(LAST, zone, 16);
    store<i64>(LAST, start, 24);
  }
  const rest = clockOf(at);
  if (otherThanClock(rest) != 0 || secondOf(rest) > 60) return i64.MIN_VALUE;
  return start + microsOf(rest);
}

/** 0 if the 26 bytes are a time that begins as the last one. */
@inline
export function otherThanLast(at: usize): u64 {
  const rest = clockOf(at);
  return (
    (load<u64>(at) ^ load<u64>(LAST)) |
    (load<u64>(at, 8) ^ load<u64>(LAST, 8)) |
    ((load<u64>(at, 18) >> 16) ^ load<u64>(LAST, 16)) |
    u64(((rest + 0x767a7f76) | rest) & 0x80808080)
  );
}

/** The time of which {@link otherThanLast} says nothing else. */
@inline
export function microsLikeLast(at: usize): i64 {
  return load<i64>(LAST, 24) + microsOf(clockOf(at));
}

/** `m:ss` in one word: after the exclusive or, digits are 0 to 9 and the colon is 0. */
@inline
function clockOf(at: usize): u32 {
  return load<u32>(at, 16) ^ 0x30303a30;
}

/** 0 if the word is two digits behind a colon behind a digit. */
@inline
function otherThanClock(rest: u32): u64 {
  return u64(((rest + 0x76767f76) | rest) & 0x80808080);
}

/** 60 is a leap second: the first second of the next minute. */
@inline
function secondOf(rest: u32): u32 {
  return ((rest >> 16) & 15) * 10 + (rest >> 24);
}

@inline
function microsOf(rest: u32): i64 {
  return i64((rest & 15) * 60 + secondOf(rest)) * MICROS_PER_SECOND;
}

/** The time of `dd/Mon/yyyy:hh:m`, ten minutes at most before the one that is read. */
function parseTenMinutes(at: usize): i64 {
  const midnight = parseDateAndZone(at);
  const hour = twoDigits(at + 12);
  const tens = u32(load<u8>(at, 15)) - 0x30;
  if (midnight == i64.MIN_VALUE || hour > 23 || load<u8>(at, 14) != 0x3a || tens > 5) return i64.MIN_VALUE;
  return midnight + i64(hour * 60 + tens * 10) * 60 * MICROS_PER_SECOND;
}

/** Midnight of the written date, shifted to UTC by the written zone; i64.MIN_VALUE if either is malformed. */
function parseDateAndZone(at: usize): i64 {
  const day = twoDigits(at);
  const month = monthOf(at + 3);
  const century = twoDigits(at + 7);
  const yearOfCentury = twoDigits(at + 9);
  const zoneHours = twoDigits(at + 22);
  const zoneMinutes = twoDigits(at + 24);
  const sign = load<u8>(at, 21);
  if (load<u8>(at, 2) != 0x2f || load<u8>(at, 6) != 0x2f || load<u8>(at, 11) != 0x3a || load<u8>(at, 20) != 0x20) {
    return i64.MIN_VALUE;
  }
  if (day == 255 || month == 0 || century == 255 || yearOfCentury == 255) return i64.MIN_VALUE;
  if (zoneHours > 23 || zoneMinutes > 59 || (sign != 0x2b && sign != 0x2d)) return i64.MIN_VALUE;
  const year = i64(century * 100 + yearOfCentury);
  if (day < 1 || day > daysInMonth(year, month)) return i64.MIN_VALUE;
  const zoneMicros = i64(zoneHours * 60 + zoneMinutes) * 60 * MICROS_PER_SECOND;
  const midnight = daysOfDate(year, month, day) * MICROS_PER_DAY;
  return sign == 0x2b ? midnight - zoneMicros : midnight + zoneMicros;
}
