/** AND, OR, NOT in SQL's three-valued logic, and what deals with NULL: IS NULL, coalesce, CASE. */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import type { ScalarFunction } from "../scalar-function.js";
import { compareValues } from "./compare-values.js";

/** `absorbing` decides alone (false for AND); else NULL if any is NULL; else the opposite. */
const connective = (name: string, absorbing: boolean): ScalarFunction => ({
  name,
  rule: { kind: "exactly", types: ["bool", "bool"] },
  resultType: () => "bool",
  evaluate: (operands) => {
    if (operands.includes(absorbing)) return absorbing;
    return operands.includes(null) ? null : !absorbing;
  },
  callable: false,
  inKernels: true,
});

/** `case(condition, value, condition, value, …, otherwise)`: the value of the first condition that is true. */
function firstTrue(branches: readonly Value[]): Value {
  for (let index = 0; index + 1 < branches.length; index += 2) {
    if (branches[index] === true) return branches[index + 1] ?? null;
  }
  return branches.at(-1) ?? null;
}

/** `greatest` and `least` of what is not NULL. */
const extreme = (name: string, isBetter: (order: number) => boolean): ScalarFunction => ({
  name,
  rule: { kind: "same", least: 1, most: Number.POSITIVE_INFINITY },
  resultType: lastOf,
  evaluate: (operands) => {
    let best: Value = null;
    for (const operand of operands) {
      if (operand !== null && (best === null || isBetter(compareValues(operand, best)))) best = operand;
    }
    return best;
  },
  callable: true,
  inKernels: false,
});

const lastOf = (types: readonly ValueType[]): ValueType => types.at(-1) ?? "string";

export const LOGIC: readonly ScalarFunction[] = [
  connective("and", false),
  connective("or", true),
  {
    name: "not",
    rule: { kind: "exactly", types: ["bool"] },
    resultType: () => "bool",
    evaluate: ([operand = null]) => (operand === null ? null : !operand),
    callable: false,
    inKernels: true,
  },
  {
    name: "is_null",
    rule: { kind: "same", least: 1, most: 1 },
    resultType: () => "bool",
    evaluate: ([operand = null]) => operand === null,
    callable: false,
    inKernels: true,
  },
  {
    name: "coalesce",
    rule: { kind: "same", least: 1, most: Number.POSITIVE_INFINITY },
    resultType: lastOf,
    evaluate: (operands) => operands.find((operand) => operand !== null) ?? null,
    callable: true,
    inKernels: true,
  },
  {
    name: "case",
    rule: { kind: "same", least: 3, most: Number.POSITIVE_INFINITY },
    resultType: lastOf,
    evaluate: firstTrue,
    callable: false,
    inKernels: true,
  },
  extreme("greatest", (order) => order > 0),
  extreme("least", (order) => order < 0),
];
