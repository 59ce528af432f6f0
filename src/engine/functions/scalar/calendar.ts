/**
 * The Gregorian calendar in UTC, in microseconds since 1970, without the runtime's Date: leap seconds do not exist, years
 * may be negative. Day numbers after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */

export const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_MINUTE = 60n * MICROS_PER_SECOND;
export const MICROS_PER_HOUR = 60n * MICROS_PER_MINUTE;
export const MICROS_PER_DAY = 24n * MICROS_PER_HOUR;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

const DAYS_PER_ERA = 146_097;
const YEARS_PER_ERA = 400;
/** Days from 0000-03-01, where eras begin, to 1970-01-01. */
const DAYS_TO_1970 = 719_468;

/** Days since 1970-01-01 of a date. */
export function daysOfDate({ year, month, day }: CivilDate): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / YEARS_PER_ERA);
  const yearOfEra = marchYear - era * YEARS_PER_ERA;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
}

/** Inverse of {@link daysOfDate}. */
export function dateOfDays(days: number): CivilDate {
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: era * YEARS_PER_ERA + yearOfEra + (month <= 2 ? 1 : 0), month, day };
}

/** Rounds towards negative infinity, so that times before 1970 truncate downwards too. */
export function floorTo(value: bigint, step: bigint): bigint {
  const remainder = value % step;
  return value - (remainder < 0n ? remainder + step : remainder);
}

export const dayOfMicros = (micros: bigint): number => Number(floorTo(micros, MICROS_PER_DAY) / MICROS_PER_DAY);

const TIMESTAMP =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?\s*$/i;

/**
 * Microseconds since 1970 of `2024-01-31`, `2024-01-31 12:30[:59[.123456]]` or the same with `T` and a zone (`Z`,
 * `+02:00`); UTC without one. Undefined for anything else and for dates that do not exist.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const days = daysOfDate(date);
  const back = dateOfDays(days);
  if (date.month < 1 || date.month > 12 || back.month !== date.month || back.day !== date.day) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return (
    BigInt(days) * MICROS_PER_DAY +
    BigInt(hour) * MICROS_PER_HOUR +
    BigInt(minute) * MICROS_PER_MINUTE +
    BigInt(second) * MICROS_PER_SECOND +
    BigInt(fraction.slice(0, 6).padEnd(6, "0")) -
    zoneMicros(zone)
  );
}

function zoneMicros(zone: string): bigint {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0n;
  const [, sign, hours = "0", minutes = "0"] = match;
  const distance = BigInt(hours) * MICROS_PER_HOUR + BigInt(minutes) * MICROS_PER_MINUTE;
  return sign === "-" ? -distance : distance;
}

const pad = (value: number | bigint, width: number): string => value.toString().padStart(width, "0");

/** Date, time of day and six digits of microseconds without trailing zeros, empty if there are none. */
export function timestampParts(micros: bigint): { date: string; time: string; fraction: string } {
  const { year, month, day } = dateOfDays(dayOfMicros(micros));
  const ofDay = micros - floorTo(micros, MICROS_PER_DAY);
  const hours = ofDay / MICROS_PER_HOUR;
  const minutes = (ofDay / MICROS_PER_MINUTE) % 60n;
  const seconds = (ofDay / MICROS_PER_SECOND) % 60n;
  const fraction = pad(ofDay % MICROS_PER_SECOND, 6).replace(/0+$/, "");
  const yearText = year < 0 ? `-${pad(-year, 6)}` : year > 9999 ? `+${pad(year, 6)}` : pad(year, 4);
  return {
    date: `${yearText}-${pad(month, 2)}-${pad(day, 2)}`,
    time: `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}`,
    fraction,
  };
}

/** As ISO 8601 in UTC: `2024-01-31T12:30:59Z`, with a fraction only if there is one. */
export function isoTimestamp(micros: bigint): string {
  const { date, time, fraction } = timestampParts(micros);
  return `${date}T${time}${fraction === "" ? "" : `.${fraction}`}Z`;
}
