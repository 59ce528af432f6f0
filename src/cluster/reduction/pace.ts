/** How fast spans are scanned, in bytes a millisecond, and when one is slow beside its siblings. */

/** A scan under way. */
export interface Measure {
  readonly doneBytes: number;
  readonly pace: number;
}

/** With fewer there is no usual pace. */
const MIN_SIBLINGS = 3;
const SLOW_SHARE = 0.5;

/**
 * Whether a span of `bytes` has less than half the median pace, and would be there sooner if somebody of that pace began
 * now. `paces` are its siblings' and its own.
 */
export function isSlow({ doneBytes, pace }: Measure, bytes: number, paces: readonly number[]): boolean {
  if (paces.length <= MIN_SIBLINGS) return false;
  const usual = medianOf(paces);
  if (pace >= SLOW_SHARE * usual) return false;
  return bytes - doneBytes > pace * (bytes / usual);
}

/** The lower one of two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
