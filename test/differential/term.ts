/** Expressions in two dialects: what logmr is asked, and the same for DuckDB where that is written in another way. */

import type { ValueType } from "../../src/engine/plan.js";

export type TermType = Exclude<ValueType, "interval">;

export interface Term {
  readonly type: TermType;
  readonly ours: string;
  readonly theirs: string;
  /** Integers stay below this magnitude; arithmetic that may pass 2^62 is not written. Infinite where nothing is known. */
  readonly bound: number;
  /** Whether both engines must compute the very same bits: nothing of logarithms, of sums of doubles, of means. */
  readonly isExact: boolean;
  /** Whether it is never infinite nor NaN, and small enough to be squared and summed. */
  readonly isTame: boolean;
}

export type TermParts = readonly [ours: string, theirs: string];

/** A term of which both dialects write the same. */
export const same = (text: string): TermParts => [text, text];

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Builds both texts by one template, of which the terms are the values. */
export function both(strings: TemplateStringsArray, ...values: readonly (Term | string)[]): TermParts {
  const write = (side: "ours" | "theirs"): string =>
    strings
      .map((text, index) => {
        const value = values[index];
        return text + (value === undefined ? "" : typeof value === "string" ? value : value[side]);
      })
      .join("");
  return [write("ours"), write("theirs")];
}

/** A term of parts: as exact and tame as they are, unless `more` says otherwise. */
export function termOf(
  type: TermType,
  [ours, theirs]: TermParts,
  parts: readonly Term[],
  more: Partial<Pick<Term, "bound" | "isExact" | "isTame">> = {},
): Term {
  return {
    type,
    ours,
    theirs,
    bound: Number.POSITIVE_INFINITY,
    isExact: parts.every((part) => part.isExact),
    isTame: parts.every((part) => part.isTame),
    ...more,
  };
}
