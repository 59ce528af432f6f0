/** `sum` of doubles and `stddev`: exact until the last rounding, and so the same in any order. */

import { exactSums, sumOf, varianceOf } from "./exact-parts.js";
import { detailKind, type ListedAggregate } from "./listed-aggregate.js";
import { SUM } from "./sum.js";

export const SUM_DOUBLES: ListedAggregate = {
  name: "sum",
  argumentTypes: ["f64"],
  details: detailKind("parts", SUM),
  value: (details) => (details.count === 0 ? null : sumOf(exactSums(details))),
};

/** Of a sample; NULL below two values. */
export const STDDEV: ListedAggregate = {
  name: "stddev",
  argumentTypes: ["i64", "f64"],
  details: detailKind("moments", SUM),
  value(details) {
    const sums = exactSums(details);
    return sums.count < 2n ? null : Math.sqrt(varianceOf(sums));
  },
};
