/** Values as text and as JSON, the same for every output format. */

import { isoTimestamp } from "../../engine/functions/scalar/calendar.js";
import type { ResultColumn, Value } from "../../job/result.js";

/** A value as plain text; empty for NULL. */
export function plainText(value: Value, type: ResultColumn["type"]): string {
  if (value === null) return "";
  if (typeof value === "bigint" && type === "timestamp") return isoTimestamp(value);
  return String(value);
}

/** A value as JSON: integers with all their digits, timestamps in ISO 8601, doubles that JSON lacks as text. */
export function jsonText(value: Value, type: ResultColumn["type"]): string {
  if (typeof value === "bigint") return type === "timestamp" ? `"${isoTimestamp(value)}"` : value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  return JSON.stringify(value);
}

export const isNumeric = (type: ResultColumn["type"]): boolean => type === "i64" || type === "f64";
