/**
 * Functions of text. `length` counts code points; LIKE knows `%` and `_` and, as DuckDB's, no escape character. Case is
 * that of the letters a to z: kernels fold bytes, and both halves of a query must agree.
 */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import type { ScalarFunction } from "../scalar-function.js";

/** Lifts a function of texts: NULL if an argument is NULL. */
function onText(
  name: string,
  parameters: number,
  result: ValueType,
  compute: (subject: string, other: string) => Value,
  callable = true,
): ScalarFunction {
  return {
    name,
    rule: { kind: "exactly", types: Array.from({ length: parameters }, (): ValueType => "string") },
    resultType: () => result,
    evaluate: ([subject = null, other = ""]) =>
      typeof subject === "string" && typeof other === "string" ? compute(subject, other) : null,
    callable,
    inKernels: true,
  };
}

function countCodePoints(text: string): bigint {
  let count = 0n;
  for (const _ of text) count += 1n;
  return count;
}

/**
 * Whether all of `text` matches a LIKE pattern: `%` any run, `_` one code point. At a mismatch only the last `%` is
 * widened, which suffices because a run may match anything: time is at most |text| · |pattern|.
 */
export function matchesLike(text: string, pattern: string): boolean {
  const subject = Array.from(text);
  const tokens = Array.from(pattern);
  let at = 0;
  let token = 0;
  let afterRun = -1;
  let runEnd = 0;
  while (at < subject.length) {
    if (tokens[token] === "%") {
      token += 1;
      afterRun = token;
      runEnd = at;
    } else if (token < tokens.length && (tokens[token] === "_" || tokens[token] === subject[at])) {
      at += 1;
      token += 1;
    } else if (afterRun >= 0) {
      runEnd += 1;
      at = runEnd;
      token = afterRun;
    } else {
      return false;
    }
  }
  while (tokens[token] === "%") token += 1;
  return token === tokens.length;
}

const lowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperCase = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Whether ILIKE would need the case of letters that it does not fold. */
export const hasCaseBeyondAscii = (text: string): boolean =>
  Array.from(text).some((point) => point > "\u007f" && point.toLowerCase() !== point.toUpperCase());

export const TEXT: readonly ScalarFunction[] = [
  onText("like", 2, "bool", matchesLike, false),
  onText("ilike", 2, "bool", (text, pattern) => matchesLike(lowerCase(text), lowerCase(pattern)), false),
  onText("lower", 1, "string", lowerCase),
  onText("upper", 1, "string", upperCase),
  onText("length", 1, "i64", countCodePoints),
  onText("contains", 2, "bool", (text, part) => text.includes(part)),
  onText("starts_with", 2, "bool", (text, part) => text.startsWith(part)),
  onText("ends_with", 2, "bool", (text, part) => text.endsWith(part)),
];
