/** `min` and `max`: {i64 value, u64 1 once there was a value}. Doubles are kept as integers of the same order. */

import type { Value } from "../../../job/result.js";
import type { KernelExports } from "../../kernels/kernel-exports.js";
import type { MergeKernel, UpdateKernel } from "../../kernels/kernel-types.js";
import { doubleOfOrdered, RANK_KIND } from "../../kernels/layout.js";
import type { ValueType } from "../../plan.js";
import type { Aggregate } from "./aggregate.js";
import { signedNumber } from "./numbers.js";

const SEEN = 8;

function decode(memory: DataView, at: number, type: ValueType): Value {
  if (memory.getUint32(at + SEEN, true) === 0) return null;
  const value = memory.getBigInt64(at, true);
  if (type === "f64") return doubleOfOrdered(value);
  return type === "bool" ? value !== 0n : value;
}

function decodeNumber(memory: DataView, at: number, type: ValueType): number {
  if (memory.getUint32(at + SEEN, true) === 0) return Number.NaN;
  return type === "f64" ? doubleOfOrdered(memory.getBigInt64(at, true)) : signedNumber(memory, at);
}

const extreme = (
  name: string,
  updateKernel: (kernels: KernelExports) => UpdateKernel,
  mergeKernel: (kernels: KernelExports) => MergeKernel,
): Aggregate => ({
  name,
  accumulatorBytes: 16,
  argumentTypes: ["i64", "f64", "bool", "timestamp", "interval"],
  update(kernels, rows, argument, offset) {
    if (argument === null) throw new Error(`Broken invariant: ${name} has an argument`);
    updateKernel(kernels)(rows.groups, rows.selection, rows.count, argument, offset);
  },
  mergeKernel,
  value: decode,
  rankKind: (type) => (type === "f64" ? RANK_KIND.extremeDouble : RANK_KIND.extreme),
  number: decodeNumber,
});

export const MIN = extreme(
  "min",
  (kernels) => kernels.minValues,
  (kernels) => kernels.mergeMins,
);
export const MAX = extreme(
  "max",
  (kernels) => kernels.maxValues,
  (kernels) => kernels.mergeMaxes,
);
