/** `strftime`: times as text by a pattern of C's letters. */

import { dateOfDays, dayOfMicros, daysOfDate, floorTo, MICROS_PER_DAY } from "./calendar.js";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

interface TimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly epochSeconds: bigint;
}

const LETTERS: Readonly<Record<string, (time: TimeFields) => string>> = {
  Y: ({ year }) => pad(year, 4),
  y: ({ year }) => pad(((year % 100) + 100) % 100),
  m: ({ month }) => pad(month),
  d: ({ day }) => pad(day),
  H: ({ hour }) => pad(hour),
  I: ({ hour }) => pad(hour % 12 || 12),
  M: ({ minute }) => pad(minute),
  S: ({ second }) => pad(second),
  f: ({ micros }) => pad(micros, 6),
  p: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  B: ({ month }) => MONTHS[month - 1] ?? "",
  b: ({ month }) => (MONTHS[month - 1] ?? "").slice(0, 3),
  A: ({ weekday }) => DAYS[weekday] ?? "",
  a: ({ weekday }) => (DAYS[weekday] ?? "").slice(0, 3),
  j: ({ yearDay }) => pad(yearDay, 3),
  w: ({ weekday }) => String(weekday),
  s: ({ epochSeconds }) => String(epochSeconds),
  "%": () => "%",
};

/** Letters that a pattern may have behind `%`. */
export const TIME_LETTERS: readonly string[] = Object.keys(LETTERS);

/** The first letter of a pattern that is not known, with its `%`; undefined if all are. */
export const unknownTimeLetter = (format: string): string | undefined =>
  Array.from(format.matchAll(/%(.?)/gsu)).find(([, letter = ""]) => LETTERS[letter] === undefined)?.[0];

export function formatTime(micros: bigint, format: string): string {
  const days = dayOfMicros(micros);
  const { year, month, day } = dateOfDays(days);
  const ofDay = Number(micros - floorTo(micros, MICROS_PER_DAY));
  const seconds = Math.floor(ofDay / 1e6);
  const fields: TimeFields = {
    year,
    month,
    day,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysOfDate({ year, month: 1, day: 1 }) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: ofDay % 1e6,
    epochSeconds: floorTo(micros, 1_000_000n) / 1_000_000n,
  };
  return format.replace(/%(.?)/gsu, (written, letter: string) => LETTERS[letter]?.(fields) ?? written);
}
