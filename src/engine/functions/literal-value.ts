/** Literals of plans as the values that functions compute with. */

import type { Value } from "../../job/result.js";
import type { LiteralExpression } from "../plan.js";

/** The value of a literal: plans are JSON, and so carry integers as text. */
export function literalValue({ type, value }: LiteralExpression): Value {
  const isInteger = type === "i64" || type === "timestamp" || type === "interval";
  return isInteger && value !== null ? BigInt(value) : value;
}
