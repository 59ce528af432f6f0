/** Aggregates over the set of values: `count(DISTINCT x)`, at the price of keeping it, and `min` and `max` of text. */

import type { Value } from "../../../job/result.js";
import { BEST_DETAIL } from "../../kernels/layout.js";
import { type Details, type ListedAggregate, valuesKind } from "./listed-aggregate.js";

export const COUNT_DISTINCT: ListedAggregate = {
  name: "count_distinct",
  argumentTypes: ["i64", "f64", "bool", "string", "timestamp", "interval"],
  details: valuesKind,
  countsDetails: true,
  value: (details) => BigInt(details.count),
};

function extremeText(details: Details, sign: number): Value {
  if (details.count === 0) return null;
  let best = 0;
  for (let index = 1; index < details.count; index += 1) {
    if (details.compareTexts(index, best) * sign < 0) best = index;
  }
  return details.key(best);
}

export const MIN_TEXT: ListedAggregate = {
  name: "min",
  argumentTypes: ["string"],
  details: valuesKind,
  bestDetail: BEST_DETAIL.lowestText,
  value: (details) => extremeText(details, 1),
};

export const MAX_TEXT: ListedAggregate = {
  name: "max",
  argumentTypes: ["string"],
  details: valuesKind,
  bestDetail: BEST_DETAIL.highestText,
  value: (details) => extremeText(details, -1),
};
