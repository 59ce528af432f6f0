/**
 * The scalar functions of queries: one table of names, types and meanings. The binder takes types from it and folds
 * constants with it; the finish half of a query is computed by it; the kernels of the map half are tested against it.
 * Operators are functions too (`eq` for `=`). Values are those of `job/result.ts`, an interval a bigint of microseconds.
 */

import { ARITHMETIC } from "./scalar/arithmetic.js";
import { CASTS } from "./scalar/cast.js";
import { COMPARISONS } from "./scalar/comparison.js";
import { LOGIC } from "./scalar/logic.js";
import { TEXT } from "./scalar/text.js";
import { TIME } from "./scalar/time.js";
import type { ScalarFunction } from "./scalar-function.js";

const ALL: readonly ScalarFunction[] = [...COMPARISONS, ...LOGIC, ...ARITHMETIC, ...TEXT, ...TIME, ...CASTS];
const BY_NAME: ReadonlyMap<string, ScalarFunction> = new Map(ALL.map((entry) => [entry.name, entry]));

export const scalarFunction = (name: string): ScalarFunction | undefined => BY_NAME.get(name);

/** Names that a query may call as `name(…)`, sorted. */
export const CALLABLE_FUNCTIONS: readonly string[] = ALL.filter((entry) => entry.callable)
  .map((entry) => entry.name)
  .sort();
