/** Functions of time, all in UTC. */

import type { Value } from "../../../job/result.js";
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

/** Units of a fixed length in microseconds. */
export const FIXED_UNITS: ReadonlyMap<string, bigint> = new Map([
  ["microsecond", 1n],
  ["millisecond", 1000n],
  ["second", MICROS_PER_SECOND],
  ["minute", MICROS_PER_MINUTE],
  ["hour", MICROS_PER_HOUR],
  ["day", MICROS_PER_DAY],
]);

/** Units that `date_trunc` knows, in their one spelling. */
export const TRUNCATION_UNITS: readonly string[] = [...FIXED_UNITS.keys(), "week", "month", "quarter", "year"];

/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const MONDAY_OFFSET_DAYS = 3;

/** The beginning of the unit that contains a moment; undefined for an unknown unit. */
export function truncateTime(unit: string, micros: bigint): bigint | undefined {
  const step = FIXED_UNITS.get(unit);
  if (step !== undefined) return floorTo(micros, step);
  const days = dayOfMicros(micros);
  if (unit === "week") {
    const sinceMonday = (((days + MONDAY_OFFSET_DAYS) % 7) + 7) % 7;
    return BigInt(days - sinceMonday) * MICROS_PER_DAY;
  }
  const { year, month } = dateOfDays(days);
  const firstMonths = new Map([
    ["month", month],
    ["quarter", month - ((month - 1) % 3)],
    ["year", 1],
  ]);
  const first = firstMonths.get(unit);
  return first === undefined ? undefined : BigInt(daysOfDate({ year, month: first, day: 1 })) * MICROS_PER_DAY;
}

function evaluateTruncation([unit = null, moment = null]: readonly Value[]): Value {
  return typeof unit === "string" && typeof moment === "bigint" ? (truncateTime(unit, moment) ?? null) : null;
}

/** `status_class(404)` is `4xx`; NULL outside of 100 to 599. */
function statusClass([status = null]: readonly Value[]): Value {
  return typeof status === "bigint" && status >= 100n && status < 600n ? `${status / 100n}xx` : null;
}

export const TIME: readonly ScalarFunction[] = [
  {
    name: "date_trunc",
    rule: { kind: "exactly", types: ["string", "timestamp"] },
    resultType: () => "timestamp",
    evaluate: evaluateTruncation,
    callable: true,
    inKernels: true,
  },
  {
    name: "status_class",
    rule: { kind: "exactly", types: ["i64"] },
    resultType: () => "string",
    evaluate: statusClass,
    callable: true,
    inKernels: true,
  },
];
