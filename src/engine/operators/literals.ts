/** Literals of plans as the kernels know them. */

import { assert } from "../../base/assert.js";
import type { Expression, LiteralExpression } from "../plan.js";
import { PlanError } from "./plan-error.js";

/** A literal as the batch stores it: strings as UTF-8, integers and times as bigint. */
export function literalValue(literal: LiteralExpression): bigint | number | boolean | Uint8Array | null {
  const { type, value } = literal;
  if (value === null) return null;
  switch (type) {
    case "string":
      return new TextEncoder().encode(String(value));
    case "bool":
      assert(typeof value === "boolean", "a literal of type bool is a boolean");
      return value;
    case "f64":
      return Number(value);
    default:
      return BigInt(value);
  }
}

/** The value of an argument that must be a literal of text; throws a {@link PlanError} otherwise. */
export function literalText(expression: Expression | undefined, called: string): string {
  if (expression?.kind === "literal" && typeof expression.value === "string") return expression.value;
  throw new PlanError("unsupported-function", `${called} needs a constant text here`);
}
