/**
 * CAST. A value that does not convert is NULL: in logs a bad value is counted as malformed and must not end the query.
 * The binder refuses constants that do not convert.
 */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import type { ScalarFunction } from "../scalar-function.js";
import { parseTimestamp, timestampParts } from "./calendar.js";

const I64_BITS = 64;
/** Of the largest integers. */
const MOST_DIGITS = 19;
const fitsI64 = (value: bigint): boolean => BigInt.asIntN(I64_BITS, value) === value;

/** Rounds half to even, as DuckDB converts a DOUBLE. */
function integerOf(value: number): bigint | null {
  if (!Number.isFinite(value)) return null;
  const floor = Math.floor(value);
  const distance = value - floor;
  const roundsUp = distance > 0.5 || (distance === 0.5 && floor % 2 !== 0);
  const rounded = BigInt(roundsUp ? floor + 1 : floor);
  return fitsI64(rounded) ? rounded : null;
}

function toInteger(value: Value): bigint | null {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return integerOf(value);
  return value === null ? null : integerOfText(value);
}

const NUMBER = /^[ \t-\r]*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?[ \t-\r]*$/i;

/** `12`, `-3.50`, `1e5`; halves are rounded away from zero, as DuckDB converts text. */
function integerOfText(text: string): bigint | null {
  const [, sign, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  const digits = whole + fraction;
  if (digits === "") return null;
  const kept = whole.length + Number(exponent);
  const significant = digits.replace(/^0+/, "");
  // What is left of the point has more digits than fit, whatever they are.
  if (significant !== "" && kept - (digits.length - significant.length) > MOST_DIGITS) return null;
  const rounded = kept < 0 || significant === "" ? 0n : BigInt(`0${digits.padEnd(kept, "0").slice(0, kept)}`);
  const parsed = rounded + (kept >= 0 && (digits[kept] ?? "0") >= "5" ? 1n : 0n);
  const value = sign === "-" ? -parsed : parsed;
  return fitsI64(value) ? value : null;
}

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

function toDouble(value: Value): number | null {
  if (typeof value === "number" || value === null) return value;
  if (typeof value !== "string") return Number(value);
  return DECIMAL.test(value) ? Number(value) : null;
}

function toBoolean(value: Value): boolean | null {
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value === "bigint") return value !== 0n;
  if (typeof value === "number") return value !== 0;
  const word = value.toLowerCase();
  if (word === "true" || word === "t" || word === "1" || word === "yes" || word === "y") return true;
  return word === "false" || word === "f" || word === "0" || word === "no" || word === "n" ? false : null;
}

/** Powers of ten from which on, and below which, a text has an exponent. */
const LARGE_EXPONENT = 16;
const SMALL_EXPONENT = -4;

/** The text of a double: the shortest that reads back, with `.0` where it would look like an integer, as DuckDB's. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [, mantissa = "", sign = "", exponent = ""] = /^(.*)e([+-])(\d+)$/.exec(value.toExponential()) ?? [];
  const power = Number(sign + exponent);
  if (power >= LARGE_EXPONENT || power < SMALL_EXPONENT) return `${mantissa}e${sign}${exponent.padStart(2, "0")}`;
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function toText(value: Value, from: ValueType): string | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return doubleText(value);
  if (typeof value !== "bigint" || from !== "timestamp") return String(value);
  const { date, time, fraction } = timestampParts(value);
  return `${date} ${time}${fraction === "" ? "" : `.${fraction}`}`;
}

function toTimestamp(value: Value): bigint | null {
  if (typeof value === "bigint") return value;
  return typeof value === "string" ? (parseTimestamp(value) ?? null) : null;
}

/** Converts a value of type `from` to type `to`; NULL where it does not convert. */
export function castValue(value: Value, from: ValueType, to: ValueType): Value {
  switch (to) {
    case "i64":
      return toInteger(value);
    case "f64":
      return toDouble(value);
    case "bool":
      return toBoolean(value);
    case "string":
      return toText(value, from);
    case "timestamp":
      return toTimestamp(value);
    case "interval":
      return typeof value === "bigint" ? value : null;
  }
}

const KERNEL_CASTS: ReadonlySet<string> = new Set([
  "i64 f64",
  "bool f64",
  "bool i64",
  "f64 i64",
  "string i64",
  "timestamp interval",
  "interval timestamp",
]);

/** Whether kernels convert between these types; the others are converted in groups and constants only. */
export const isKernelCast = (from: ValueType, to: ValueType): boolean => KERNEL_CASTS.has(`${from} ${to}`);

export const CASTS: readonly ScalarFunction[] = [
  {
    name: "cast",
    rule: { kind: "same", least: 1, most: 1 },
    resultType: ([operand = "string"]) => operand,
    evaluate: ([value = null], types) => castValue(value, types.arguments[0] ?? types.result, types.result),
    callable: false,
    inKernels: true,
  },
];
