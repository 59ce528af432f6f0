/**
 * The scalar functions of queries: one table of names, types and meanings. The binder takes types from it and folds
 * constants with it; the finish half of a query is computed by it; the kernels of the map half are tested against it.
 * Operators are functions too (`eq` for `=`). Values are those of `job/result.ts`, an interval a bigint of microseconds.
 */

import type { Expression } from "../plan.js";
import { ARITHMETIC } from "./scalar/arithmetic.js";
import { CASTS, isKernelCast } from "./scalar/cast.js";
import { COMPARISONS } from "./scalar/comparison.js";
import { LOGIC } from "./scalar/logic.js";
import { TEXT } from "./scalar/text.js";
import { TIME } from "./scalar/time.js";
import type { ScalarFunction } from "./scalar-function.js";

const ALL: readonly ScalarFunction[] = [...COMPARISONS, ...LOGIC, ...ARITHMETIC, ...TEXT, ...TIME, ...CASTS];
const BY_NAME: ReadonlyMap<string, ScalarFunction> = new Map(ALL.map((entry) => [entry.name, entry]));

/** Whether kernels compute a call, with everything in it, for every row of a batch. */
export function isComputedInKernels(expression: Expression): boolean {
  if (expression.kind !== "call") return true;
  const from = expression.arguments[0]?.type ?? expression.type;
  if (expression.function === "cast" && !isKernelCast(from, expression.type)) return false;
  return BY_NAME.get(expression.function)?.inKernels === true && expression.arguments.every(isComputedInKernels);
}

export const scalarFunction = (name: string): ScalarFunction | undefined => BY_NAME.get(name);

/** Names that a query may call as `name(…)`, sorted. */
export const CALLABLE_FUNCTIONS: readonly string[] = ALL.filter((entry) => entry.callable)
  .map((entry) => entry.name)
  .sort();
