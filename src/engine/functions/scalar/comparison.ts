/** `= <> < <= > >=` and IN, with SQL's NULL: a comparison with NULL is NULL. */

import type { Value } from "../../../job/result.js";
import type { ScalarFunction } from "../scalar-function.js";
import { compareValues } from "./compare-values.js";

const comparison = (name: string, holds: (order: number) => boolean): ScalarFunction => ({
  name,
  rule: { kind: "same", least: 2, most: 2 },
  resultType: () => "bool",
  evaluate: ([left = null, right = null]) =>
    left === null || right === null ? null : holds(compareValues(left, right)),
  callable: false,
  inKernels: true,
});

/** `in(x, a, b, …)`: true if x equals one of them, else NULL if any of them or x is NULL, else false. */
function isIn([subject = null, ...candidates]: readonly Value[]): Value {
  if (subject === null) return null;
  let sawNull = false;
  for (const candidate of candidates) {
    if (candidate === null) sawNull = true;
    else if (compareValues(subject, candidate) === 0) return true;
  }
  return sawNull ? null : false;
}

export const COMPARISONS: readonly ScalarFunction[] = [
  comparison("eq", (order) => order === 0),
  comparison("ne", (order) => order !== 0),
  comparison("lt", (order) => order < 0),
  comparison("le", (order) => order <= 0),
  comparison("gt", (order) => order > 0),
  comparison("ge", (order) => order >= 0),
  {
    name: "in",
    rule: { kind: "same", least: 2, most: Number.POSITIVE_INFINITY },
    resultType: () => "bool",
    evaluate: isIn,
    callable: false,
    inKernels: true,
  },
];
