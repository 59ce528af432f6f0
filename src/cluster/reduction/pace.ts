/** How fast spans are scanned, in bytes a millisecond, and when one is slow beside its siblings. */

/** A scan under way. */
export interface Measure {
  readonly doneBytes: number;
  readonly pace: number;
}

/** With fewer there is no usual pace. */
const MIN_SIBLINGS = 3;
const SLOW_SHARE = 0.5;
/** Beside a few other nodes it has to be this slow: spans of one size differ, in a healthy cluster too. */
export const VERY_SLOW_SHARE = 0.25;

/**
 * Whether a span of `bytes` has less than half the median pace, and would be there sooner if somebody of that pace began
 * now. `paces` are its siblings' and its own.
 */
export function isSlow({ doneBytes, pace }: Measure, bytes: number, paces: readonly number[]): boolean {
  if (paces.length <= MIN_SIBLINGS) return false;
  return isBehind({ doneBytes, pace }, bytes, medianOf(paces), SLOW_SHARE);
}

/** The same with less than a quarter of the median of `others`: the paces that other nodes last had with the same plan. */
export function isVerySlow(measure: Measure, bytes: number, others: readonly number[]): boolean {
  return others.length > 0 && isBehind(measure, bytes, medianOf(others), VERY_SLOW_SHARE);
}

function isBehind({ doneBytes, pace }: Measure, bytes: number, usual: number, share: number): boolean {
  return pace < share * usual && bytes - doneBytes > pace * (bytes / usual);
}

/** The lower one of two in the middle; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
