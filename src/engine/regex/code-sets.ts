/** Sets of code points. */

import type { CodeRange } from "./pattern.js";

export const MAX_CODE_POINT = 0x10ffff;

/** Ascending, and merged where they touch. */
export function normalized(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((left, right) => left[0] - right[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** Every code point that is not in the set. */
export function complement(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const rest: CodeRange[] = [];
  let next = 0;
  for (const [first, last] of normalized(ranges)) {
    if (first > next) rest.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MAX_CODE_POINT) rest.push([next, MAX_CODE_POINT]);
  return rest;
}

const UPPER: CodeRange = [0x41, 0x5a];
const LOWER: CodeRange = [0x61, 0x7a];
const CASE_DISTANCE = 0x20;

/** The set with the other case of its letters a to z. */
export function withBothCases(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const shifted = (from: CodeRange, distance: number): readonly CodeRange[] =>
    ranges
      .map(([first, last]): CodeRange => [Math.max(first, from[0]) + distance, Math.min(last, from[1]) + distance])
      .filter(([first, last]) => first <= last);
  return normalized([...ranges, ...shifted(UPPER, CASE_DISTANCE), ...shifted(LOWER, -CASE_DISTANCE)]);
}

const DIGITS: readonly CodeRange[] = [[0x30, 0x39]];
const WORD: readonly CodeRange[] = [[0x30, 0x39], UPPER, [0x5f, 0x5f], LOWER];
const SPACE: readonly CodeRange[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];

/** `\d` and its like, by letter. */
export const CLASS_ESCAPES: ReadonlyMap<string, readonly CodeRange[]> = new Map([
  ["d", DIGITS],
  ["D", complement(DIGITS)],
  ["w", WORD],
  ["W", complement(WORD)],
  ["s", SPACE],
  ["S", complement(SPACE)],
]);

/** `[[:alpha:]]` and its like, by name. */
export const NAMED_CLASSES: ReadonlyMap<string, readonly CodeRange[]> = new Map<string, readonly CodeRange[]>([
  ["alnum", [DIGITS[0] ?? UPPER, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  [
    "blank",
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  ["digit", DIGITS],
  ["lower", [LOWER]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    "space",
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ["upper", [UPPER]],
  ["word", WORD],
  [
    "xdigit",
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
]);

export const isWordByte = (byte: number): boolean => WORD.some(([first, last]) => byte >= first && byte <= last);
