/**
 * `sum` of integers, exact: 128 bits, of which the high half is shifted left by one, and its lowest bit says that there was
 * a value. 2^63 values of 63 bits fit.
 */

import { RANK_KIND } from "../../kernels/layout.js";
import type { Aggregate } from "./aggregate.js";
import { signedNumber, unsignedNumber } from "./numbers.js";

const HIGH = 8;
const TWO_TO_64 = 2 ** 64;

export const SUM: Aggregate = {
  name: "sum",
  accumulatorBytes: 16,
  argumentTypes: ["i64", "interval"],
  update(kernels, rows, argument, offset) {
    if (argument === null) throw new Error("Broken invariant: sum has an argument");
    kernels.sumValues(rows.groups, rows.selection, rows.count, argument, offset);
  },
  mergeKernel: (kernels) => kernels.mergeSums,
  value(memory, at) {
    const high = memory.getBigInt64(at + HIGH, true);
    return (high & 1n) === 0n ? null : ((high >> 1n) << 64n) + memory.getBigUint64(at, true);
  },
  rankKind: () => RANK_KIND.sum,
  number(memory, at) {
    if ((memory.getUint32(at + HIGH, true) & 1) === 0) return Number.NaN;
    const high = (signedNumber(memory, at + HIGH) - 1) / 2;
    const isSmallNegative = high === -1 && memory.getInt32(at + 4, true) < 0;
    // Its halves are -2^64 and nearly 2^64: added as doubles they would round it away.
    return isSmallNegative ? signedNumber(memory, at) : high * TWO_TO_64 + unsignedNumber(memory, at);
  },
};
