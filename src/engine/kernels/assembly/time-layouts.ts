/**
 * Times in the notations of logs, each of which says itself where it ends. Microseconds since 1970 UTC; a time without a
 * zone is UTC. Fractions are cut to microseconds.
 */

import { CLF_TIME_BYTES, parseClfTime } from "./clf-time";
import {
  daysInMonth,
  daysOfDate,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  monthOf,
  twoDigits,
} from "./timestamps";

const CLF: u32 = 0;
const CLF_LOCAL: u32 = 1;
const ISO: u32 = 2;
const CTIME: u32 = 3;
const SYSLOG: u32 = 4;
const EPOCH: u32 = 5;
const RFC3339: u32 = 6;

const NO_TIME = i64.MIN_VALUE;

/** Where the last time that {@link parseTime} read ended. */
export let timeEnd: usize = 0;

/**
 * Reads a time that begins at `at`, and ends at `end` or before; i64.MIN_VALUE if there is none. `parameter`: of a syslog
 * time, which has no year, the last month (counted from year 0) that it may lie in; of an epoch time, units in a second.
 */
export function parseTime(layout: u32, at: usize, end: usize, parameter: i64): i64 {
  if (layout == ISO) return parseIsoTime(at, end);
  if (layout == CLF) {
    if (at >= end || end - at < CLF_TIME_BYTES) return NO_TIME;
    timeEnd = at + CLF_TIME_BYTES;
    return parseClfTime(at);
  }
  if (layout == CLF_LOCAL) return parseLocalClfTime(at, end);
  if (layout == CTIME) return parseCTime(at, end);
  if (layout == SYSLOG) return parseSyslogTime(at, end, parameter);
  if (layout == RFC3339) return at < end && load<u8>(at, 10) == 0x54 ? parseIsoTime(at, end) : NO_TIME;
  if (layout == EPOCH) return parseEpoch(at, end, parameter);
  return NO_TIME;
}

// The date of the last ISO time and its midnight: lines of a log share them.
let cachedDateLow: u64 = 0;
let cachedDateHigh: u32 = 0;
let cachedMidnight: i64 = 0;

/** `2000-10-10T13:55:36.123456+07:00`; also `/` in the date, a space or tab for T, `,` for the point, and no zone. */
function parseIsoTime(at: usize, end: usize): i64 {
  if (at >= end || end - at < 19) return NO_TIME;
  const low = load<u64>(at);
  const high = load<u16>(at, 8);
  if (low != cachedDateLow || high != cachedDateHigh) {
    const separator = load<u8>(at, 4);
    if ((separator != 0x2d && separator != 0x2f) || load<u8>(at, 7) != separator) return NO_TIME;
    const midnight = midnightOf(fourDigits(at), twoDigits(at + 5), twoDigits(at + 8));
    if (midnight == NO_TIME) return NO_TIME;
    cachedDateLow = low;
    cachedDateHigh = high;
    cachedMidnight = midnight;
  }
  const between = load<u8>(at, 10);
  if (between != 0x54 && between != 0x20 && between != 0x09 && between != 0x74) return NO_TIME;
  const clock = clockOf(at + 11);
  if (clock == NO_TIME) return NO_TIME;
  timeEnd = at + 19;
  const fraction = takeFraction(end);
  return takeZone(cachedMidnight + clock + fraction, end);
}

/** `10/Oct/2000:13:55:36.123`, without a zone. */
function parseLocalClfTime(at: usize, end: usize): i64 {
  if (at >= end || end - at < 20) return NO_TIME;
  if (load<u8>(at, 2) != 0x2f || load<u8>(at, 6) != 0x2f || load<u8>(at, 11) != 0x3a) return NO_TIME;
  const midnight = midnightOf(fourDigits(at + 7), monthOf(at + 3), twoDigits(at));
  const clock = clockOf(at + 12);
  if (midnight == NO_TIME || clock == NO_TIME) return NO_TIME;
  timeEnd = at + 20;
  return midnight + clock + takeFraction(end);
}

/** `Sun Dec 04 04:47:44.123456 2005`; the day of the week is not checked against the date. */
function parseCTime(at: usize, end: usize): i64 {
  if (at >= end || end - at < 24 || load<u8>(at, 3) != 0x20 || load<u8>(at, 7) != 0x20) return NO_TIME;
  if (load<u8>(at, 10) != 0x20) return NO_TIME;
  const clock = clockOf(at + 11);
  if (clock == NO_TIME) return NO_TIME;
  timeEnd = at + 19;
  const fraction = takeFraction(end);
  if (end - timeEnd < 5 || load<u8>(timeEnd) != 0x20) return NO_TIME;
  const midnight = midnightOf(fourDigits(timeEnd + 1), monthOf(at + 4), dayOfMonth(at + 8));
  timeEnd += 5;
  return midnight == NO_TIME ? NO_TIME : midnight + clock + fraction;
}

/** `Oct 10 13:55:36`, `Oct  1 13:55:36`. */
function parseSyslogTime(at: usize, end: usize, lastMonth: i64): i64 {
  if (at >= end || end - at < 15 || load<u8>(at, 3) != 0x20 || load<u8>(at, 6) != 0x20) return NO_TIME;
  const month = monthOf(at);
  const clock = clockOf(at + 7);
  const lastYear = lastMonth / 12;
  const year = i64(month) - 1 <= lastMonth - lastYear * 12 ? lastYear : lastYear - 1;
  const midnight = midnightOf(u32(year), month, dayOfMonth(at + 4));
  if (midnight == NO_TIME || clock == NO_TIME) return NO_TIME;
  timeEnd = at + 15;
  return midnight + clock;
}

/** Digits, 14 of them for seconds, with a fraction; `unitsPerSecond` is 1, 1000 or 1000000. */
function parseEpoch(at: usize, end: usize, unitsPerSecond: i64): i64 {
  const start = at;
  let value: i64 = 0;
  while (at < end && u32(load<u8>(at)) - 0x30 < 10) {
    value = value * 10 + i64(load<u8>(at) - 0x30);
    at++;
    if (at - start > 17) return NO_TIME;
  }
  const micros = MICROS_PER_SECOND / unitsPerSecond;
  if (at == start || value > MAX_EPOCH_SECONDS * unitsPerSecond) return NO_TIME;
  timeEnd = at;
  const fraction = takeFraction(end);
  return value * micros + (unitsPerSecond == 1 ? fraction : 0);
}

/** The first second of the year 10000. */
const MAX_EPOCH_SECONDS: i64 = 253402300800;

/** Steps over a point or comma and digits behind {@link timeEnd}, if they are there; the microseconds they mean. */
function takeFraction(end: usize): i64 {
  let at = timeEnd;
  if (at + 1 >= end) return 0;
  const point = load<u8>(at);
  if ((point != 0x2e && point != 0x2c) || u32(load<u8>(at, 1)) - 0x30 > 9) return 0;
  at++;
  let micros: i64 = 0;
  let unit: i64 = 100000;
  while (at < end) {
    const digit = u32(load<u8>(at)) - 0x30;
    if (digit > 9) break;
    micros += i64(digit) * unit;
    unit /= 10;
    at++;
  }
  timeEnd = at;
  return micros;
}

/** Steps over `Z`, `+hh:mm` or `+hhmm` behind {@link timeEnd}, a space before the sign allowed; the time in UTC. */
function takeZone(time: i64, end: usize): i64 {
  let at = timeEnd;
  if (at >= end) return time;
  if ((load<u8>(at) | 0x20) == 0x7a) {
    timeEnd = at + 1;
    return time;
  }
  if (load<u8>(at) == 0x20) at++;
  if (at + 5 > end) return time;
  const sign = load<u8>(at);
  if (sign != 0x2b && sign != 0x2d) return time;
  const hours = twoDigits(at + 1);
  const colon = usize(load<u8>(at, 3) == 0x3a);
  if (at + 5 + colon > end) return time;
  const minutes = twoDigits(at + 3 + colon);
  if (hours > 23 || minutes > 59) return time;
  timeEnd = at + 5 + colon;
  const zone = i64(hours * 60 + minutes) * 60 * MICROS_PER_SECOND;
  return sign == 0x2b ? time - zone : time + zone;
}

function fourDigits(at: usize): u32 {
  const century = twoDigits(at);
  const year = twoDigits(at + 2);
  return century == 255 || year == 255 ? 0xffffffff : century * 100 + year;
}

/** Two digits, the first of which may be a space. */
function dayOfMonth(at: usize): u32 {
  if (load<u8>(at) != 0x20) return twoDigits(at);
  const digit = u32(load<u8>(at, 1)) - 0x30;
  return digit > 9 ? 255 : digit;
}

function midnightOf(year: u32, month: u32, day: u32): i64 {
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NO_TIME;
  return daysOfDate(year, month, day) * MICROS_PER_DAY;
}

/** Microseconds of `hh:mm:ss`. Second 60 is a leap second: the first of the next minute. */
function clockOf(at: usize): i64 {
  const clock = load<u64>(at) ^ 0x30303a30303a3030;
  if ((((clock + 0x76767f76767f7676) | clock) & 0x8080808080808080) != 0) return NO_TIME;
  const hour = u32(clock & 15) * 10 + u32((clock >> 8) & 15);
  const minute = u32((clock >> 24) & 15) * 10 + u32((clock >> 32) & 15);
  const second = u32((clock >> 48) & 15) * 10 + u32((clock >> 56) & 15);
  if (hour > 23 || minute > 59 || second > 60) return NO_TIME;
  return i64((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND;
}
