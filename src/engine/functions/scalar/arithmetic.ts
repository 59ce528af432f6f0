/**
 * `+ - * / %` and the unary minus. Integers are checked: a result beyond 64 bits is an error, never a wrapped number.
 * `/` divides as doubles (5 / 2 is 2.5, 1 / 0 is infinite); `%` takes the sign of its left side and is NULL for a zero
 * right side. Timestamps and intervals are microseconds, so that their sums are sums of integers.
 */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import { ScalarError } from "../scalar-error.js";
import type { ScalarFunction } from "../scalar-function.js";

const I64_BITS = 64;

function checked(result: bigint, shown: string): bigint {
  if (BigInt.asIntN(I64_BITS, result) === result) return result;
  throw new ScalarError("overflow", `${shown} does not fit into a 64-bit integer; cast one side to DOUBLE`);
}

interface Operation {
  readonly name: string;
  readonly symbol: string;
  onIntegers(left: bigint, right: bigint): bigint | null;
  onDoubles(left: number, right: number): number;
}

const OPERATIONS: readonly Operation[] = [
  { name: "add", symbol: "+", onIntegers: (left, right) => left + right, onDoubles: (left, right) => left + right },
  { name: "sub", symbol: "-", onIntegers: (left, right) => left - right, onDoubles: (left, right) => left - right },
  { name: "mul", symbol: "*", onIntegers: (left, right) => left * right, onDoubles: (left, right) => left * right },
  {
    name: "mod",
    symbol: "%",
    onIntegers: (left, right) => (right === 0n ? null : left % right),
    onDoubles: (left, right) => left % right,
  },
];

function evaluateOperation(operation: Operation, left: Value, right: Value): Value {
  if (typeof left === "bigint" && typeof right === "bigint") {
    const result = operation.onIntegers(left, right);
    return result === null ? null : checked(result, `${left} ${operation.symbol} ${right}`);
  }
  if (typeof left === "number" && typeof right === "number") return operation.onDoubles(left, right);
  return null;
}

/** Result types of mixed operands: a point in time and a distance; everything else is of one type. */
function operationType(name: string, [left = "i64", right = "i64"]: readonly ValueType[]): ValueType {
  if (name === "sub" && left === "timestamp" && right === "timestamp") return "interval";
  if (left === "timestamp" || right === "timestamp") return "timestamp";
  if (left === "interval" || right === "interval") return "interval";
  return left;
}

const divide: ScalarFunction = {
  name: "div",
  rule: { kind: "exactly", types: ["f64", "f64"] },
  resultType: () => "f64",
  evaluate: ([left = null, right = null]) =>
    typeof left === "number" && typeof right === "number" ? left / right : null,
  callable: false,
  inKernels: true,
};

/** `//`: towards zero, NULL for a zero divisor; of doubles the same as `/`. */
const divideWhole: ScalarFunction = {
  name: "int_div",
  rule: { kind: "same", least: 2, most: 2 },
  resultType: () => "i64",
  evaluate: ([left = null, right = null]) => {
    if (typeof left !== "bigint" || typeof right !== "bigint" || right === 0n) return null;
    return checked(left / right, `${left} // ${right}`);
  },
  callable: false,
  inKernels: false,
};

const negate: ScalarFunction = {
  name: "neg",
  rule: { kind: "same", least: 1, most: 1 },
  resultType: ([operand = "i64"]) => operand,
  evaluate: ([operand = null]) => {
    if (typeof operand === "bigint") return checked(-operand, `-(${operand})`);
    return typeof operand === "number" ? -operand : null;
  },
  callable: false,
  inKernels: true,
};

export const ARITHMETIC: readonly ScalarFunction[] = [
  ...OPERATIONS.map(
    (operation): ScalarFunction => ({
      name: operation.name,
      rule: { kind: "same", least: 2, most: 2 },
      resultType: (types) => operationType(operation.name, types),
      evaluate: ([left = null, right = null]) => evaluateOperation(operation, left, right),
      callable: false,
      inKernels: true,
    }),
  ),
  divide,
  divideWhole,
  negate,
];
