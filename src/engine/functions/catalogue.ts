/**
 * The scalar functions of queries: one table of names, types and meanings. The binder takes types from it and folds
 * constants with it; the finish half of a query is computed by it; the kernels of the map half are tested against it.
 * Operators are functions too (`eq` for `=`). Values are those of `job/result.ts`, an interval a bigint of microseconds.
 */

import type { CallExpression, Expression } from "../plan.js";
import { ADDRESSES } from "./scalar/addresses.js";
import { ARITHMETIC } from "./scalar/arithmetic.js";
import { CASTS, isKernelCast } from "./scalar/cast.js";
import { COMPARISONS } from "./scalar/comparison.js";
import { LOGIC } from "./scalar/logic.js";
import { MATHEMATICS } from "./scalar/mathematics.js";
import { PACKING } from "./scalar/packing.js";
import { PATTERNS } from "./scalar/patterns.js";
import { TEXT } from "./scalar/text.js";
import { TEXT_PARTS } from "./scalar/text-parts.js";
import { TIME } from "./scalar/time.js";
import { TIME_PARTS } from "./scalar/time-parts.js";
import { URLS } from "./scalar/urls.js";
import { USER_AGENTS } from "./scalar/user-agents.js";
import type { ScalarFunction } from "./scalar-function.js";

const ALL: readonly ScalarFunction[] = [
  ...COMPARISONS,
  ...LOGIC,
  ...ARITHMETIC,
  ...MATHEMATICS,
  ...TEXT,
  ...TEXT_PARTS,
  ...TIME,
  ...TIME_PARTS,
  ...CASTS,
  ...PATTERNS,
  ...PACKING,
  ...URLS,
  ...ADDRESSES,
  ...USER_AGENTS,
];
const BY_NAME: ReadonlyMap<string, ScalarFunction> = new Map(ALL.map((entry) => [entry.name, entry]));

/** Whether a kernel computes a call from its arguments for every row of a batch. */
export function hasKernel(call: CallExpression): boolean {
  const from = call.arguments[0]?.type ?? call.type;
  if (call.function === "cast" && from !== call.type && !isKernelCast(from, call.type)) return false;
  return BY_NAME.get(call.function)?.inKernels === true;
}

/** Whether kernels alone compute an expression. */
export const isComputedInKernels = (expression: Expression): boolean =>
  expression.kind !== "call" || (hasKernel(expression) && expression.arguments.every(isComputedInKernels));

export const scalarFunction = (name: string): ScalarFunction | undefined => BY_NAME.get(name);

/** Names that a query may call as `name(…)`, sorted. */
export const CALLABLE_FUNCTIONS: readonly string[] = ALL.filter((entry) => entry.callable)
  .map((entry) => entry.name)
  .sort();
