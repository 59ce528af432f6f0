/** How one scalar function becomes kernel calls. */

import type { CallExpression, Expression } from "../../plan.js";
import type { Batch, Column } from "../batch.js";
import { PlanError } from "../plan-error.js";
import type { Step } from "../step.js";

/** A program in the making: what the compilers of calls add to. */
export interface Compilation {
  readonly batch: Batch;
  /** The column of another expression, computed by the steps before. */
  compile(expression: Expression): Column;
  addStep(step: Step): void;
}

/** Adds the steps that compute the call and returns their column. Throws a `PlanError` for types it has no kernel for. */
export type CallCompiler = (compiler: Compilation, call: CallExpression) => Column;

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
