/**
 * Regular expressions in linear time. A pattern is parsed (`parse-pattern`), compiled to a program over bytes of UTF-8
 * (`pattern-program`), and the program to a table of states that a kernel runs (`automaton`); where the table would be too
 * large, and where groups are asked for, all threads of the program are followed together, each step worked out once
 * (`group-matcher`, which is held against `simulate`). Nothing ever goes back in the text, so that no pattern takes more than
 * text length × program length.
 *
 * The syntax is RE2's without named classes of Unicode; case (`(?i)`), `\w` and `\b` are those of ASCII.
 */

/** Inclusive range of code points. */
export type CodeRange = readonly [first: number, last: number];

export type AssertionKind = "text-start" | "text-end" | "word-border" | "no-word-border";

export type PatternNode =
  | { readonly kind: "empty" }
  /** One code point of the set; ranges ascend and do not touch. */
  | { readonly kind: "set"; readonly ranges: readonly CodeRange[] }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | {
      readonly kind: "repeat";
      readonly node: PatternNode;
      readonly least: number;
      /** Null: without bound. */
      readonly most: number | null;
      readonly isLazy: boolean;
    }
  /** Numbered from 1 in the order of their parentheses. */
  | { readonly kind: "group"; readonly node: PatternNode; readonly index: number }
  | { readonly kind: "assertion"; readonly assertion: AssertionKind };

/** A pattern that cannot be used. */
export class PatternError extends Error {
  readonly code = "bad-pattern";
  /** Offset into the pattern, in UTF-16 units. */
  readonly position: number;

  constructor(position: number, problem: string) {
    super(problem);
    this.name = "PatternError";
    this.position = position;
  }
}
