/** Calendar arithmetic, and cutting times to a unit. Microseconds since 1970 UTC, Gregorian throughout. */

import { copyNulls, i64At, isNull, setI64, setNull, Vector } from "./vector";

export const MICROS_PER_SECOND: i64 = 1000000;
export const MICROS_PER_DAY: i64 = 86400000000;

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
  const values = time.values;
  const stride = time.stride;
  const nulls = time.nulls;
  const nullStride = time.nullStride;
  const starts = out.values;
  for (let row: usize = 0; row < usize(rows); row++) {
    const value = load<i64>(values + row * stride);
    if ((value < intervalStart || value >= intervalEnd) && load<u8>(nulls + row * nullStride) == 0) {
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
    store<i64>(starts + (row << 3), intervalStart);
  }
  copyNulls(time, out, rows);
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
