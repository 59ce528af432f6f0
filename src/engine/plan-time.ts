/**
 * What a plan says about time: which rows it can keep at all, and so which bytes it need not read once their times are
 * known. What is counted on the way has to be the same as if they had been read.
 */

import { conjunctsOf, mayFail } from "./operators/conditions.js";
import { collectFields } from "./operators/expressions.js";
import type { Expression, MapPlan } from "./plan.js";

const TIME = "time";

/** Microseconds since 1970 UTC, both ends included. */
export interface TimeSpan {
  readonly least: bigint;
  readonly most: bigint;
}

/** What a scan saw of some bytes, whatever its filter kept. */
export interface Sight {
  readonly lines: number;
  /** Of these lines. */
  readonly bytes: number;
  readonly unparsed: number;
  /** Malformed values of the fields that the plan reads; none of its functions. */
  readonly malformedFields: number;
  /** What the bytes count for in a partial's coverage. */
  readonly coverageBytes: number;
  /** Of the rows that have a time; null when none has. */
  readonly times: TimeSpan | null;
}

/** Those of an i64. */
const ANY_TIME: TimeSpan = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/**
 * The times that rows of the answer can have; undefined where any can, and where what a row that is dropped adds to the
 * counters is not known beforehand.
 */
export function timeLimitsOf({ filter, ofUnparsed }: MapPlan): TimeSpan | undefined {
  if (filter === null || ofUnparsed === true || mayFail(filter)) return undefined;
  let { least, most } = ANY_TIME;
  for (const condition of conjunctsOf(filter)) {
    const limits = limitsOf(condition);
    if (limits.least > least) least = limits.least;
    if (limits.most < most) most = limits.most;
  }
  return least === ANY_TIME.least && most === ANY_TIME.most ? undefined : { least, most };
}

/** Whether no row with such times is within the limits. */
export const isOutside = (times: TimeSpan | null, limits: TimeSpan): boolean =>
  times === null || times.most < limits.least || times.least > limits.most;

/** Names of the fields that a plan reads which has a use for the time, sorted: they decide what is counted as malformed. */
export function fieldsReadBy({ filter, keys, aggregates }: MapPlan): readonly string[] {
  const names = new Set([TIME]);
  collectFields(filter, names);
  for (const key of keys) collectFields(key, names);
  for (const { argument, filter: condition } of aggregates) {
    collectFields(argument, names);
    collectFields(condition, names);
  }
  return [...names].sort();
}

function limitsOf(condition: Expression): TimeSpan {
  if (condition.kind !== "call") return ANY_TIME;
  const [left, right] = condition.arguments;
  if (left?.kind !== "field" || left.name !== TIME || left.type !== "timestamp") return ANY_TIME;
  if (right?.kind !== "literal" || right.type !== "timestamp" || typeof right.value !== "string") return ANY_TIME;
  const bound = BigInt(right.value);
  switch (condition.function) {
    case "ge":
      return { ...ANY_TIME, least: bound };
    case "gt":
      return { ...ANY_TIME, least: bound + 1n };
    case "le":
      return { ...ANY_TIME, most: bound };
    case "lt":
      return { ...ANY_TIME, most: bound - 1n };
    case "eq":
      return { least: bound, most: bound };
    default:
      return ANY_TIME;
  }
}
