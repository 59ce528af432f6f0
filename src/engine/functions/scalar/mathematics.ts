/** Functions of numbers. Where a number has no value (the root of -1), it is NULL. */

import type { Value } from "../../../job/result.js";
import { ScalarError } from "../scalar-error.js";
import type { ScalarFunction } from "../scalar-function.js";
import { onPresent } from "./lifted.js";

const MAX_DIGITS = 15;

/** Half away from zero, as DuckDB rounds; never -0. */
function roundTo(value: number, digits: number): number {
  const bounded = Math.max(-MAX_DIGITS, Math.min(MAX_DIGITS, digits));
  const scale = 10 ** Math.abs(bounded);
  const scaled = bounded < 0 ? value / scale : value * scale;
  if (!Number.isFinite(scaled)) return value;
  const rounded = Math.sign(scaled) * Math.round(Math.abs(scaled));
  return (bounded < 0 ? rounded * scale : rounded / scale) + 0;
}

const onNumber = (name: string, compute: (value: number) => number): ScalarFunction =>
  onPresent(name, ["f64"], "f64", (value) => numberOrNull(compute(Number(value)), Number.isNaN(value)));

/** NULL where a number has no value; what is computed of NaN, as of 0 / 0, stays that. -0, as of ceil(-0.5), is 0. */
const numberOrNull = (value: number, isOfNaN: boolean): Value => (Number.isNaN(value) && !isOfNaN ? null : value + 0);

const LEAST_I64 = -(2n ** 63n);

const absolute: ScalarFunction = {
  name: "abs",
  rule: { kind: "same", least: 1, most: 1, among: ["i64", "f64"] },
  resultType: ([operand = "i64"]) => operand,
  evaluate: ([value = null]) => {
    if (typeof value === "number") return Math.abs(value);
    if (typeof value !== "bigint") return null;
    if (value === LEAST_I64) throw new ScalarError("overflow", `abs(${value}) does not fit into a 64-bit integer`);
    return value < 0n ? -value : value;
  },
  callable: true,
  inKernels: false,
};

export const MATHEMATICS: readonly ScalarFunction[] = [
  absolute,
  onNumber("floor", Math.floor),
  onNumber("ceil", Math.ceil),
  onNumber("trunc", Math.trunc),
  onNumber("sqrt", Math.sqrt),
  onNumber("exp", Math.exp),
  onNumber("ln", (value) => (value > 0 ? Math.log(value) : Number.NaN)),
  onNumber("log10", (value) => (value > 0 ? Math.log10(value) : Number.NaN)),
  onNumber("log2", (value) => (value > 0 ? Math.log2(value) : Number.NaN)),
  onPresent("power", ["f64", "f64"], "f64", (base, exponent) =>
    numberOrNull(Number(base) ** Number(exponent), Number.isNaN(base) || Number.isNaN(exponent)),
  ),
  onPresent("round", ["f64", "i64"], "f64", (value, digits = 0n) => roundTo(Number(value), Number(digits)), 1),
];
