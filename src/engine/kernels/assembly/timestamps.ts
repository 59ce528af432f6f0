/** Times: reading them from access logs, and cutting them to a unit. Microseconds since 1970 UTC, Gregorian throughout. */

import { i64At, isNull, setI64, setNull, Vector } from "./vector";

export const CLF_TIME_BYTES: u32 = 26;

export const MICROS_PER_SECOND: i64 = 1000000;
export const MICROS_PER_DAY: i64 = 86400000000;

// The first 16 bytes of the last time that was read, `dd/Mon/yyyy:hh:m`, its zone as it is written, and the time they
// stand for: most lines of a log share them with the one before, so that only the rest is converted.
let cachedLow: u64 = 0;
let cachedHigh: u64 = 0;
// No zone has bits above the 48th: nothing is known yet.
let cachedZone: u64 = ~(<u64>0);
let cachedStart: i64 = 0;

/** Reads the 26 bytes of `dd/Mon/yyyy:hh:mm:ss +hhmm`; i64.MIN_VALUE if they are not such a time. */
@inline
export function parseClfTime(at: usize): i64 {
  const low = load<u64>(at);
  const high = load<u64>(at, 8);
  const zone = load<u64>(at, 18) >> 16;
  let start = cachedStart;
  if (((low ^ cachedLow) | (high ^ cachedHigh) | (zone ^ cachedZone)) != 0) {
    start = parseTenMinutes(at);
    if (start == i64.MIN_VALUE) return start;
    cachedLow = low;
    cachedHigh = high;
    cachedZone = zone;
    cachedStart = start;
  }
  // `m:ss` in one word: after the exclusive or, digits are 0 to 9 and the colon is 0.
  const rest = load<u32>(at, 16) ^ 0x30303a30;
  const second = ((rest >> 16) & 15) * 10 + (rest >> 24);
  // 60 is a leap second: the first second of the next minute.
  if ((((rest + 0x76767f76) | rest) & 0x80808080) != 0 || second > 60) return i64.MIN_VALUE;
  return start + i64((rest & 15) * 60 + second) * MICROS_PER_SECOND;
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

/** 255 if the two bytes are not both digits. */
export function twoDigits(at: usize): u32 {
  const tens = u32(load<u8>(at)) - 0x30;
  const ones = u32(load<u8>(at, 1)) - 0x30;
  return tens > 9 || ones > 9 ? 255 : tens * 10 + ones;
}

/** 1 to 12 for `Jan` to `Dec`, 0 for anything else. */
export function monthOf(at: usize): u32 {
  const name = (u32(load<u8>(at)) << 16) | (u32(load<u8>(at, 1)) << 8) | u32(load<u8>(at, 2));
  switch (name) {
    case 0x4a616e: return 1;
    case 0x466562: return 2;
    case 0x4d6172: return 3;
    case 0x417072: return 4;
    case 0x4d6179: return 5;
    case 0x4a756e: return 6;
    case 0x4a756c: return 7;
    case 0x417567: return 8;
    case 0x536570: return 9;
    case 0x4f6374: return 10;
    case 0x4e6f76: return 11;
    case 0x446563: return 12;
    default: return 0;
  }
}

export function daysInMonth(year: i64, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days since 1970-01-01 of a Gregorian date (H. Hinnant, "days_from_civil"). */
export function daysOfDate(year: i64, month: u32, day: u32): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = floorDivide(shifted, 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (i64(month) + (month > 2 ? -3 : 9)) + 2) / 5 + i64(day) - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export function floorDivide(value: i64, divisor: i64): i64 {
  const quotient = value / divisor;
  return quotient * divisor > value ? quotient - 1 : quotient;
}

/** `fixedMicros` > 0 cuts to multiples of it, counted from `originMicros`; else `months` (1, 3 or 12) are cut to. */
export function truncateTime(
  time: Vector,
  fixedMicros: i64,
  originMicros: i64,
  months: u32,
  out: Vector,
  rows: u32,
): void {
  // Rows of a log are close in time: the last interval usually holds the next one.
  let intervalStart: i64 = 0;
  let intervalEnd: i64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const isMissing = isNull(time, row);
    const value = i64At(time, row);
    if (isMissing == 0 && (value < intervalStart || value >= intervalEnd)) {
      if (fixedMicros > 0) {
        intervalStart = floorDivide(value - originMicros, fixedMicros) * fixedMicros + originMicros;
        intervalEnd = intervalStart + fixedMicros;
      } else {
        const month = monthIndexOf(value);
        const first = floorDivide(month, months) * months;
        intervalStart = startOfMonth(first);
        intervalEnd = startOfMonth(first + months);
      }
    }
    setI64(out, row, intervalStart);
    setNull(out, row, isMissing);
  }
}

/** Months since 0000-01 of a time (H. Hinnant, "civil_from_days"). */
function monthIndexOf(time: i64): i64 {
  const days = floorDivide(time, MICROS_PER_DAY) + 719468;
  const era = floorDivide(days, 146097);
  const dayOfEra = days - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shiftedMonth = (5 * dayOfYear + 2) / 153;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 12 + month - 1;
}

function startOfMonth(monthIndex: i64): i64 {
  const year = floorDivide(monthIndex, 12);
  return daysOfDate(year, u32(monthIndex - year * 12) + 1, 1) * MICROS_PER_DAY;
}

/** How often `unitMicros` fits between `originMicros` and a time, modulo `modulus` unless that is 0: hours, weekdays, … */
export function countTimeUnits(
  time: Vector,
  unitMicros: i64,
  originMicros: i64,
  modulus: i64,
  out: Vector,
  rows: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    const units = floorDivide(i64At(time, row) - originMicros, unitMicros);
    setI64(out, row, modulus == 0 ? units : units - floorDivide(units, modulus) * modulus);
    setNull(out, row, isNull(time, row));
  }
}
