/** What a format is: data that the tokenizer runs, and the fields that come of it. */

import type { ValueType } from "../plan.js";

export interface FieldSpec {
  readonly name: string;
  readonly type: ValueType;
  readonly description: string;
}

/**
 * One operation of a field program, applied where the one before stopped. `field` names what it fills: a field of the
 * format or a part that a derivation takes; null skips. A token that is exactly `-` is NULL.
 */
export type FieldOperation =
  /** Up to the delimiter (one or two ASCII characters) and over it. */
  | { readonly kind: "until"; readonly delimiter: string; readonly field: string | null }
  /** Exactly this text, one to eight ASCII characters. */
  | { readonly kind: "literal"; readonly text: string }
  /** `dd/Mon/yyyy:hh:mm:ss +hhmm`. */
  | { readonly kind: "clf-time"; readonly field: string }
  /** Decimal digits that fit an i64, or `-`; then one character `delimiter`, or the end of the line if `mayEnd`. */
  | { readonly kind: "integer"; readonly delimiter: string; readonly mayEnd: boolean; readonly field: string }
  /** Text in double quotes; a backslash escapes the byte behind it. */
  | { readonly kind: "quoted"; readonly field: string };

/** Fields computed from others, for every row. */
export type Derivation =
  /** `METHOD URL PROTOCOL`; without a protocol, a URL without spaces still counts. What does not split is NULL. */
  | {
      readonly kind: "request";
      readonly from: string;
      readonly method: string;
      readonly url: string;
      readonly protocol: string;
    }
  /** A URL up to its first `?`, and what is behind it. */
  | { readonly kind: "url"; readonly from: string; readonly path: string; readonly query: string };

export interface Format {
  readonly name: string;
  readonly description: string;
  /** A line is a row if and only if these succeed. */
  readonly required: readonly FieldOperation[];
  /** Run behind the required ones; where one fails, its field and all later ones are NULL. */
  readonly optional: readonly FieldOperation[];
  readonly derivations: readonly Derivation[];
  readonly fields: readonly FieldSpec[];
}

/** Fields that every format has. */
export const COMMON_FIELDS: readonly FieldSpec[] = [
  { name: "_raw", type: "string", description: "the whole line" },
  { name: "_file", type: "string", description: "the file it is from; NAME:path in a cluster" },
  { name: "_node", type: "string", description: "the node that holds the file; NULL for shared sources" },
];
