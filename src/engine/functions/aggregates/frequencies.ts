/** Aggregates over how often each value occurs: `mode`, `histogram`, `quantile`, `median`. Exact, at the price of memory. */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import { compareValues } from "../scalar/compare-values.js";
import { COUNT } from "./count.js";
import { type Details, detailKind, type ListedAggregate } from "./listed-aggregate.js";
import { unsignedNumber } from "./numbers.js";

const COUNTS = detailKind("counts", COUNT, true);
const NUMBERS: readonly ValueType[] = ["i64", "f64"];
const EVERY_TYPE: readonly ValueType[] = ["i64", "f64", "bool", "string", "timestamp"];

const countAt = (details: Details, index: number): number => unsignedNumber(details.memory, details.accumulator(index));

/** Values that were counted. */
export function totalCount(details: Details): number {
  let total = 0;
  for (let index = 0; index < details.count; index += 1) total += countAt(details, index);
  return total;
}

/** The index of the detail that holds the value of this rank, counted from 0, in ascending order. */
export function indexOfRank(details: Details, rank: number): number {
  let index = 0;
  let before = countAt(details, 0);
  while (before <= rank && index < details.count - 1) {
    index += 1;
    before += countAt(details, index);
  }
  return index;
}

/** Rank of the value that at least the share `q` of `total` values do not exceed, as DuckDB rounds it. */
export const rankOfShare = (total: number, q: number): number => Math.max(1, total - Math.floor(total - total * q)) - 1;

/** The value that occurs most often; of several, the lowest. */
function mode(details: Details): Value {
  let best: Value = null;
  let bestCount = 0;
  for (let index = 0; index < details.count; index += 1) {
    const count = countAt(details, index);
    if (count < bestCount) continue;
    const value = details.key(index);
    if (value === null) continue;
    if (count > bestCount || (best !== null && compareValues(value, best) < 0)) best = value;
    bestCount = count;
  }
  return best;
}

export const MODE: ListedAggregate = {
  name: "mode",
  argumentTypes: EVERY_TYPE,
  details: COUNTS,
  value: mode,
};

/** JSON text `{"value":count,…}` in the order of the values; NULL without any. */
function histogram(details: Details): Value {
  if (details.count === 0) return null;
  const entries: { readonly value: Exclude<Value, null>; readonly count: number }[] = [];
  for (let index = 0; index < details.count; index += 1) {
    const value = details.key(index);
    if (value !== null) entries.push({ value, count: countAt(details, index) });
  }
  entries.sort((left, right) => compareValues(left.value, right.value));
  return `{${entries.map(({ value, count }) => `${JSON.stringify(String(value))}:${count}`).join(",")}}`;
}

export const HISTOGRAM: ListedAggregate = {
  name: "histogram",
  argumentTypes: ["i64", "f64", "bool", "string"],
  details: COUNTS,
  value: histogram,
};

/** A value that is there: the first that at least the share q does not exceed. */
export const QUANTILE: ListedAggregate = {
  name: "quantile",
  argumentTypes: [...NUMBERS, "timestamp"],
  details: COUNTS,
  value(details, _type, [q = 0.5]) {
    if (details.count === 0) return null;
    return details.key(indexOfRank(details, rankOfShare(totalCount(details), q)));
  },
};

/** The mean of the two values in the middle, where their number is even. */
export const MEDIAN: ListedAggregate = {
  name: "median",
  argumentTypes: NUMBERS,
  details: COUNTS,
  value(details) {
    if (details.count === 0) return null;
    const last = totalCount(details) - 1;
    const lower = Number(details.key(indexOfRank(details, Math.floor(last / 2))));
    const upper = Number(details.key(indexOfRank(details, Math.ceil(last / 2))));
    return lower === upper ? lower : lower + (upper - lower) * 0.5;
  },
};
