/** What templates are made of, and how their mistakes are shown. */

import type { Conversion, TimeLayout } from "./format.js";
import { FormatError } from "./format-error.js";

/** What a server writes in a place of its template. */
export interface Variable {
  /** The field that it fills; null for none. */
  readonly field: string | null;
  /** How its token becomes the field's value, where that is not its text. */
  readonly conversion?: Exclude<Conversion, { readonly type: "string" }>;
  /** Of times, which say themselves where they end. */
  readonly time?: TimeLayout;
}

/** A template: text, a variable, text, a variable, …, text. There is one text more than there are variables. */
export interface TemplateParts {
  readonly texts: readonly string[];
  readonly variables: readonly (Variable & {
    /** Where it stands in the template. */
    readonly at: number;
  })[];
}

/** A mistake at a place of a template. */
export function templateError(template: string, at: number, problem: string): FormatError {
  return new FormatError(
    "bad-template",
    `The format template cannot be read: ${problem}\n  ${template}\n  ${" ".repeat(at)}^`,
  );
}

/** Throws a {@link FormatError} for text that field programs cannot hold. */
export function requireAscii(template: string): void {
  const at = template.search(/[^\t\x20-\x7e]/);
  if (at >= 0) throw templateError(template, at, "templates are printable ASCII on one line");
}

export const INTEGER: Conversion & { type: "i64" } = { type: "i64" };
export const SECONDS: Conversion & { type: "f64" } = { type: "f64" };

/** A field's name for what has none in the contract: small letters, digits and `_`. */
export const plainName = (text: string): string =>
  text
    .replace(/\W+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase() || "unnamed";
