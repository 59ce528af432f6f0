/**
 * `approx_quantile(x, q)`: values are counted in bins that the double's own bits name, 64 for each power of two. The middle
 * of a bin is within 0.8 % of each value in it; DDSketch has the same promise with logarithms. Bins of one integer, which
 * those below 128 have, are exact.
 */

import type { Value } from "../../../job/result.js";
import { doubleOfOrdered } from "../../kernels/layout.js";
import type { ValueType } from "../../plan.js";
import { COUNT } from "./count.js";
import { indexOfRank, rankOfShare, totalCount } from "./frequencies.js";
import { detailKind, type ListedAggregate } from "./listed-aggregate.js";
import { wrongDetail } from "./wrong-detail.js";

/** Low bits of an ordered double that its bin ignores. */
const BIN_SHIFT = 46n;
const MAX_I64 = 2n ** 63n - 1n;

/** What stands for the values of a bin: of integers the one in the middle. */
export function middleOfBin(bin: bigint, type: ValueType): Value {
  const first = doubleOfOrdered(bin << BIN_SHIFT);
  const last = doubleOfOrdered(((bin + 1n) << BIN_SHIFT) - 1n);
  if (type === "i64") {
    if (!Number.isFinite(first) || !Number.isFinite(last)) throw wrongDetail("bin", bin);
    return middleInteger(first, last);
  }
  // The bins next to zero reach down to it; nothing is relative to zero.
  if (bin === 0n || bin === -1n) return 0;
  if (Number.isFinite(first) && Number.isFinite(last)) return first / 2 + last / 2;
  // An infinity is the bound of its bin that is nearer to zero.
  return last === Number.NEGATIVE_INFINITY ? last : first;
}

function middleInteger(first: number, last: number): bigint {
  const lowest = BigInt(Math.ceil(first));
  const highest = BigInt(Math.floor(last));
  const middle = (lowest + highest) / 2n;
  return middle > MAX_I64 ? MAX_I64 : middle;
}

export const APPROX_QUANTILE: ListedAggregate = {
  name: "approx_quantile",
  argumentTypes: ["i64", "f64"],
  details: detailKind("bins", COUNT),
  value(details, type, [q = 0.5]) {
    if (details.count === 0) return null;
    const bin = details.key(indexOfRank(details, rankOfShare(totalCount(details), q)));
    return typeof bin === "bigint" ? middleOfBin(bin, type) : null;
  },
};
