/** Facts about a filter that follow from its expression alone. */

import { isComputedInKernels } from "../functions/catalogue.js";
import type { Expression } from "../plan.js";

/** Whether computing an expression may count a malformed field. */
export function mayFail(expression: Expression): boolean {
  if (expression.kind !== "call") return false;
  return expression.function === "cast" || !isComputedInKernels(expression) || expression.arguments.some(mayFail);
}

/** The conditions that all have to be true. */
export function conjunctsOf(filter: Expression): readonly Expression[] {
  return filter.kind === "call" && filter.function === "and" ? filter.arguments.flatMap(conjunctsOf) : [filter];
}
