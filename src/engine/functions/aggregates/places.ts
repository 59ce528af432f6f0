/**
 * `first`, `last` and `any_value`: the value at the lowest or highest (time, file, offset). For each value its best place
 * is kept. Files are ordered by a hash of their names, which matters only between files at one moment.
 */

import type { Value } from "../../../job/result.js";
import type { KernelExports } from "../../kernels/kernel-exports.js";
import type { MergeKernel, UpdateKernel } from "../../kernels/kernel-types.js";
import { BEST_DETAIL } from "../../kernels/layout.js";
import type { ValueType } from "../../plan.js";
import type { Aggregate } from "./aggregate.js";
import { type Details, detailKind, type ListedAggregate } from "./listed-aggregate.js";

const EVERY_TYPE: readonly ValueType[] = ["i64", "f64", "bool", "string", "timestamp", "interval"];

const place = (
  name: string,
  updateKernel: (kernels: KernelExports) => UpdateKernel,
  mergeKernel: (kernels: KernelExports) => MergeKernel,
): Aggregate => ({
  name,
  accumulatorBytes: 32,
  argumentTypes: EVERY_TYPE,
  update(kernels, rows, argument, offset) {
    if (argument === null) throw new Error(`Broken invariant: ${name} has columns`);
    updateKernel(kernels)(rows.groups, rows.selection, rows.count, argument, offset);
  },
  mergeKernel,
  value: (memory, at) => memory.getBigInt64(at, true),
  rankKind: () => undefined,
  number: (memory, at) => Number(memory.getBigInt64(at, true)),
});

const FIRSTS = detailKind(
  "firsts",
  place(
    "first_place",
    (kernels) => kernels.firstPlaces,
    (kernels) => kernels.mergeFirstPlaces,
  ),
  true,
);
const LASTS = detailKind(
  "lasts",
  place(
    "last_place",
    (kernels) => kernels.lastPlaces,
    (kernels) => kernels.mergeLastPlaces,
  ),
  true,
);

/** Negative if the place at `left` is before the one at `right`. */
function comparePlaces(memory: DataView, left: number, right: number): number {
  const times = memory.getBigInt64(left, true) - memory.getBigInt64(right, true);
  if (times !== 0n) return times < 0n ? -1 : 1;
  for (const offset of [8, 16]) {
    const order = memory.getBigUint64(left + offset, true) - memory.getBigUint64(right + offset, true);
    if (order !== 0n) return order < 0n ? -1 : 1;
  }
  return 0;
}

/** The value at the lowest place if `sign` is 1, at the highest if it is -1. */
function valueAt(details: Details, sign: number, skipsNull: boolean): Value {
  let best = -1;
  for (let index = 0; index < details.count; index += 1) {
    if (skipsNull && details.key(index) === null) continue;
    const at = details.accumulator(index);
    if (best < 0 || comparePlaces(details.memory, at, details.accumulator(best)) * sign < 0) best = index;
  }
  return best < 0 ? null : details.key(best);
}

/** The first value, even if it is NULL. */
export const FIRST: ListedAggregate = {
  name: "first",
  argumentTypes: EVERY_TYPE,
  details: FIRSTS,
  bestDetail: BEST_DETAIL.firstPlace,
  value: (details) => valueAt(details, 1, false),
};

export const LAST: ListedAggregate = {
  name: "last",
  argumentTypes: EVERY_TYPE,
  details: LASTS,
  bestDetail: BEST_DETAIL.lastPlace,
  value: (details) => valueAt(details, -1, false),
};

/** The first value that is not NULL. */
export const ANY_VALUE: ListedAggregate = {
  name: "any_value",
  argumentTypes: EVERY_TYPE,
  details: FIRSTS,
  bestDetail: BEST_DETAIL.firstKnownPlace,
  value: (details) => valueAt(details, 1, true),
};
