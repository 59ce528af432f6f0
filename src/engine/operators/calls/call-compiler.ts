/** How one scalar function becomes kernel calls. */

import type { CallExpression, Expression } from "../../plan.js";
import type { Column } from "../batch.js";
import type { ExpressionCompiler } from "../expressions.js";
import { PlanError } from "../plan-error.js";

/** Adds the steps that compute the call and returns their column. Throws a `PlanError` for types it has no kernel for. */
export type CallCompiler = (compiler: ExpressionCompiler, call: CallExpression) => Column;

/** The argument at `index`; the binder has checked how many there are. */
export function argumentOf(call: CallExpression, index: number): Expression {
  const argument = call.arguments[index];
  if (argument !== undefined) return argument;
  throw new Error(`Broken invariant: ${call.function} has an argument ${index}`);
}

export function unsupportedTypes(call: CallExpression): PlanError {
  const types = call.arguments.map((argument) => argument.type).join(", ");
  return new PlanError(
    "unsupported-type",
    `${call.function}(${types}) → ${call.type} cannot be computed for every row yet`,
  );
}
