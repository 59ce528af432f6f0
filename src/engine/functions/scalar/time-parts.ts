/** Parts of times, buckets of times, and times as text; all in UTC. */

import type { ScalarFunction } from "../scalar-function.js";
import {
  dateOfDays,
  dayOfMicros,
  daysOfDate,
  floorTo,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from "./calendar.js";
import { onPresent } from "./lifted.js";
import { formatTime } from "./time-format.js";

/** Buckets are counted from here, a Monday, as DuckDB counts them. */
export const BUCKET_ORIGIN_MICROS = BigInt(daysOfDate({ year: 2000, month: 1, day: 3 })) * MICROS_PER_DAY;

/** Days since 1970-01-01 to days since a Sunday. */
const SUNDAY_OFFSET = 4;
const DAYS_PER_WEEK = 7;

/** 0 for Sunday to 6. */
const dayOfWeek = (days: number): number => (((days + SUNDAY_OFFSET) % DAYS_PER_WEEK) + DAYS_PER_WEEK) % DAYS_PER_WEEK;

const isoDayOfWeek = (days: number): number => dayOfWeek(days) || DAYS_PER_WEEK;

const dayOfYear = (days: number): number => days - daysOfDate({ year: dateOfDays(days).year, month: 1, day: 1 }) + 1;

/** The week's Thursday decides its year. */
function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days - isoDayOfWeek(days) + 4;
  return { year: dateOfDays(thursday).year, week: Math.ceil(dayOfYear(thursday) / DAYS_PER_WEEK) };
}

const ofDay = (micros: bigint): bigint => micros - floorTo(micros, MICROS_PER_DAY);
const ofMinute = (micros: bigint): bigint => micros - floorTo(micros, MICROS_PER_MINUTE);

/** Parts that a day has. */
const DAY_PARTS: ReadonlyMap<string, (days: number) => number> = new Map([
  ["year", (days: number) => dateOfDays(days).year],
  ["quarter", (days: number) => Math.ceil(dateOfDays(days).month / 3)],
  ["month", (days: number) => dateOfDays(days).month],
  ["week", (days: number) => isoWeek(days).week],
  ["isoyear", (days: number) => isoWeek(days).year],
  ["day", (days: number) => dateOfDays(days).day],
  ["dow", dayOfWeek],
  ["isodow", isoDayOfWeek],
  ["doy", dayOfYear],
]);

/** Parts that the time of day has. */
const CLOCK_PARTS: ReadonlyMap<string, (micros: bigint) => bigint> = new Map([
  ["hour", (micros: bigint) => ofDay(micros) / MICROS_PER_HOUR],
  ["minute", (micros: bigint) => (ofDay(micros) / MICROS_PER_MINUTE) % 60n],
  ["second", (micros: bigint) => ofMinute(micros) / MICROS_PER_SECOND],
  ["millisecond", (micros: bigint) => ofMinute(micros) / 1000n],
  ["microsecond", ofMinute],
]);

/** Parts that `date_part` knows, in their one spelling. */
export const DATE_PARTS: readonly string[] = [...DAY_PARTS.keys(), ...CLOCK_PARTS.keys()];

function datePart(part: string, micros: bigint): bigint | null {
  const ofDays = DAY_PARTS.get(part);
  if (ofDays !== undefined) return BigInt(ofDays(dayOfMicros(micros)));
  return CLOCK_PARTS.get(part)?.(micros) ?? null;
}

/** NULL where 64 bits of microseconds do not reach. Whole seconds stay exact where the product would be rounded. */
function timeOfSeconds(seconds: number): bigint | null {
  if (!Number.isFinite(seconds)) return null;
  const whole = Math.floor(seconds);
  const fraction = Math.round((seconds - whole) * Number(MICROS_PER_SECOND));
  const micros = BigInt(whole) * MICROS_PER_SECOND + BigInt(fraction);
  return BigInt.asIntN(64, micros) === micros ? micros : null;
}

export const TIME_PARTS: readonly ScalarFunction[] = [
  {
    ...onPresent("date_part", ["string", "timestamp"], "i64", (part, time) =>
      typeof time === "bigint" ? datePart(String(part), time) : null,
    ),
    inKernels: true,
  },
  {
    ...onPresent("time_bucket", ["interval", "timestamp"], "timestamp", (width, time) =>
      typeof width === "bigint" && typeof time === "bigint"
        ? floorTo(time - BUCKET_ORIGIN_MICROS, width) + BUCKET_ORIGIN_MICROS
        : null,
    ),
    inKernels: true,
  },
  onPresent("epoch", ["timestamp"], "f64", (time) => Number(time) / Number(MICROS_PER_SECOND)),
  onPresent("epoch_ms", ["timestamp"], "i64", (time) =>
    // Towards zero, also before 1970, as DuckDB cuts.
    typeof time === "bigint" ? time / 1000n : null,
  ),
  onPresent("to_timestamp", ["f64"], "timestamp", (seconds) => timeOfSeconds(Number(seconds))),
  onPresent("strftime", ["timestamp", "string"], "string", (time, format) =>
    typeof time === "bigint" ? formatTime(time, String(format)) : null,
  ),
];
