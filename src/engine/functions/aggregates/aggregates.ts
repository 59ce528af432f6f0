/** Every aggregate that partials can hold, by name and type of argument. */

import type { ValueType } from "../../plan.js";
import type { Aggregate } from "./aggregate.js";
import { APPROX_COUNT_DISTINCT } from "./approximate-distinct.js";
import { APPROX_QUANTILE } from "./approximate-quantile.js";
import { COUNT } from "./count.js";
import { COUNT_DISTINCT, MAX_TEXT, MIN_TEXT } from "./distinct.js";
import { STDDEV, SUM_DOUBLES } from "./double-sums.js";
import { MAX, MIN } from "./extremes.js";
import { HISTOGRAM, MEDIAN, MODE, QUANTILE } from "./frequencies.js";
import type { ListedAggregate } from "./listed-aggregate.js";
import { ANY_VALUE, FIRST, LAST } from "./places.js";
import { SUM } from "./sum.js";

const FIXED: readonly Aggregate[] = [COUNT, SUM, MIN, MAX];
const LISTED: readonly ListedAggregate[] = [
  ANY_VALUE,
  APPROX_COUNT_DISTINCT,
  APPROX_QUANTILE,
  COUNT_DISTINCT,
  FIRST,
  HISTOGRAM,
  LAST,
  MAX_TEXT,
  MEDIAN,
  MIN_TEXT,
  MODE,
  QUANTILE,
  STDDEV,
  SUM_DOUBLES,
];

interface Named {
  readonly name: string;
  readonly argumentTypes: readonly ValueType[];
}

const finder =
  <Entry extends Named>(entries: readonly Entry[]) =>
  (name: string, type: ValueType): Entry | undefined =>
    entries.find((entry) => entry.name === name && entry.argumentTypes.includes(type));

/** An aggregate whose accumulator lies in the group's row. */
export const fixedAggregate = finder(FIXED);

/** An aggregate that lists details in a side table. */
export const listedAggregate = finder(LISTED);

/** Types of arguments that an aggregate takes; none if there is no aggregate of that name. */
export const argumentTypesOf = (name: string): readonly ValueType[] =>
  [...FIXED, ...LISTED].filter((entry) => entry.name === name).flatMap((entry) => entry.argumentTypes);

/** Aggregates that are 0 where there is nothing; the others are NULL. */
export const isCounting = (name: string): boolean =>
  [COUNT.name, COUNT_DISTINCT.name, APPROX_COUNT_DISTINCT.name].includes(name);
