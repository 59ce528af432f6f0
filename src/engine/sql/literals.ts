/** Literals of plans: from SQL text, and to and from values. */

import type { Value } from "../../job/result.js";
import { FIXED_UNITS } from "../functions/scalar/time.js";
import type { Expression, LiteralExpression, ValueType } from "../plan.js";

/** How messages name a type. */
export const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  i64: "an integer",
  f64: "a number",
  bool: "a boolean",
  string: "text",
  timestamp: "a timestamp",
  interval: "an interval",
};

export const isLiteral = (expression: Expression): expression is LiteralExpression => expression.kind === "literal";
export const isNull = (expression: Expression): boolean => isLiteral(expression) && expression.value === null;

export const literalOf = (type: ValueType, value: Value): LiteralExpression => ({
  kind: "literal",
  type,
  value: typeof value === "bigint" ? value.toString() : value,
});

const I64_BITS = 64;

/** An integer that fits into 64 bits, else a double; undefined for what no double holds. */
export function numberLiteral(text: string): LiteralExpression | undefined {
  if (/^\d+$/.test(text)) {
    const integer = BigInt(text);
    if (BigInt.asIntN(I64_BITS, integer) === integer) return literalOf("i64", integer);
  }
  const number = Number(text);
  return Number.isFinite(number) ? literalOf("f64", number) : undefined;
}

const MICROS_PER_WEEK = 7n * (FIXED_UNITS.get("day") ?? 0n);
const UNIT_ALIASES: ReadonlyMap<string, string> = new Map([
  ["us", "microsecond"],
  ["ms", "millisecond"],
  ["s", "second"],
  ["sec", "second"],
  ["m", "minute"],
  ["min", "minute"],
  ["h", "hour"],
  ["hr", "hour"],
  ["d", "day"],
]);

/** A unit of time in its one spelling: `Hours` and `h` are `hour`. Whether it exists is the caller's to check. */
export function normalizedUnit(text: string): string {
  const word = text.toLowerCase();
  const singular = word.length > 2 && word.endsWith("s") ? word.slice(0, -1) : word;
  return UNIT_ALIASES.get(singular) ?? UNIT_ALIASES.get(word) ?? singular;
}

/**
 * Microseconds of `5 minutes`, `1 day 12 hours`, `-90s`, `01:30:00`. Undefined for anything else; months and years have no
 * fixed length and are anything else.
 */
export function parseInterval(text: string): bigint | undefined {
  const clock = /^\s*(-?)(\d{1,9}):(\d{2})(?::(\d{2}))?\s*$/.exec(text);
  if (clock !== null) {
    const [, sign, hours = "0", minutes = "0", seconds = "0"] = clock;
    const total = (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) * 1_000_000n;
    return sign === "-" ? -total : total;
  }
  if (!/^\s*(?:[+-]?\d{1,12}\s*[a-z]+\s*)+$/i.test(text)) return undefined;
  let total = 0n;
  for (const [, count = "0", word = ""] of text.matchAll(/([+-]?\d+)\s*([a-z]+)/gi)) {
    const unit = normalizedUnit(word);
    const micros = unit === "week" || unit === "w" ? MICROS_PER_WEEK : FIXED_UNITS.get(unit);
    if (micros === undefined) return undefined;
    total += BigInt(count) * micros;
  }
  return BigInt.asIntN(I64_BITS, total) === total ? total : undefined;
}
