/** The order of values of one type, as ORDER BY, comparisons, `min` and `max` see it. */

import type { Value } from "../../../job/result.js";

/**
 * Negative, zero or positive. Both values are of one type and not NULL. Strings go by their UTF-8 bytes, false before
 * true, NaN above every other number.
 */
export function compareValues(left: Exclude<Value, null>, right: Exclude<Value, null>): number {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (left < right) return -1;
  if (left > right) return 1;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

/** Orders text as its UTF-8 bytes order, which differs from UTF-16 order where surrogates meet U+E000 to U+FFFF. */
export function compareText(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const leftUnit = left.charCodeAt(index);
    const rightUnit = right.charCodeAt(index);
    if (leftUnit !== rightUnit) return codePointRank(leftUnit) - codePointRank(rightUnit);
  }
  return left.length - right.length;
}

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;
const ABOVE_ALL_UNITS = 0x10000;

/** Moves the surrogates, halves of code points beyond U+FFFF, above all other units. */
const codePointRank = (unit: number): number =>
  unit >= FIRST_SURROGATE && unit < AFTER_SURROGATES ? unit + ABOVE_ALL_UNITS : unit;
