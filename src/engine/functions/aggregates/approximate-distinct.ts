/**
 * `approx_count_distinct`: HyperLogLog with 2^15 registers, each a detail once it is not zero, so that few values take few
 * rows. The standard error is 0.6 %. The estimate is that of O. Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches" (2017), algorithm 6, which needs no corrections at either end.
 */

import { MAX } from "./extremes.js";
import { type Details, detailKind, type ListedAggregate } from "./listed-aggregate.js";
import { unsignedNumber } from "./numbers.js";
import { wrongDetail } from "./wrong-detail.js";

export const REGISTER_BITS = 15;
const REGISTERS = 2 ** REGISTER_BITS;
const MAX_RANK = 64 - REGISTER_BITS + 1;

/** Ertl's sigma: what the registers at zero say. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let weight = 1;
  let sum = share;
  while (true) {
    power *= power;
    const before = sum;
    sum += power * weight;
    weight += weight;
    if (sum === before) return sum;
  }
}

/** Ertl's tau: what the registers at their highest say. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let weight = 1;
  let sum = 1 - share;
  while (true) {
    root = Math.sqrt(root);
    const before = sum;
    weight /= 2;
    sum -= (1 - root) ** 2 * weight;
    if (sum === before) return sum / 3;
  }
}

/** How many distinct values gave registers of which `counts[rank]` have each rank, 0 to {@link MAX_RANK}. */
export function estimateDistinct(counts: readonly number[]): number {
  const shareOf = (rank: number): number => (counts[rank] ?? 0) / REGISTERS;
  let sum = REGISTERS * tau(1 - shareOf(MAX_RANK));
  for (let rank = MAX_RANK - 1; rank >= 1; rank -= 1) sum = (sum + (counts[rank] ?? 0)) / 2;
  sum += REGISTERS * sigma(shareOf(0));
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * sum);
}

function rankCounts(details: Details): readonly number[] {
  const counts = new Array<number>(MAX_RANK + 1).fill(0);
  if (details.count > REGISTERS) throw wrongDetail("register", details.count);
  counts[0] = REGISTERS - details.count;
  for (let index = 0; index < details.count; index += 1) {
    const rank = unsignedNumber(details.memory, details.accumulator(index));
    if (rank < 1 || rank > MAX_RANK) throw wrongDetail("rank", rank);
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

export const APPROX_COUNT_DISTINCT: ListedAggregate = {
  name: "approx_count_distinct",
  argumentTypes: ["i64", "f64", "bool", "string", "timestamp", "interval"],
  details: detailKind("registers", MAX),
  value: (details) => (details.count === 0 ? 0n : BigInt(Math.round(estimateDistinct(rankCounts(details))))),
};
