/**
 * Sieve: where every line is a row, and a filter keeps only rows whose line holds some text, lines without it need not even
 * be split off. The filter still runs on the others, so that the sieve may let through too many lines, never too few.
 */

import type { Format } from "../formats/format.js";
import { NEEDLE_PLACES } from "../kernels/layout.js";
import type { CallExpression, Expression, MapPlan } from "../plan.js";
import { compilePattern } from "../regex/compiled-pattern.js";
import { requiredLiteral } from "../regex/required-literal.js";
import { conjunctsOf, mayFail } from "./conditions.js";

/** A text that each line of the answer holds, and the places of the two of its bytes that are searched for. */
export interface Needle {
  readonly bytes: Uint8Array;
  readonly places: readonly [number, number];
}

/** Shorter texts are in too many lines. */
const MIN_NEEDLE_BYTES = 3;
const NEWLINE = 0x0a;

/** Undefined where the lines must all be looked at: to tell whether they are rows, or to count what does not convert. */
export function sieveOf(plan: MapPlan, format: Format): Needle | undefined {
  const isEveryLineARow = format.required.length + format.optional.length + format.derivations.length === 0;
  if (!isEveryLineARow || plan.ofUnparsed === true || plan.filter === null || mayFail(plan.filter)) return undefined;
  const texts = conjunctsOf(plan.filter).map((conjunct) => new TextEncoder().encode(textRequiredBy(conjunct)));
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best));
  if (longest.length < MIN_NEEDLE_BYTES || longest.includes(NEWLINE)) return undefined;
  return { bytes: longest, places: rarestPlaces(longest) };
}

/** A text that `_raw` holds wherever the condition is true; empty if none is known. */
function textRequiredBy(condition: Expression): string {
  if (condition.kind !== "call") return "";
  const [subject, wanted] = condition.arguments;
  const isOfLine = subject?.kind === "field" && subject.name === "_raw";
  if (!isOfLine || wanted?.kind !== "literal" || typeof wanted.value !== "string") return "";
  return textIn(condition, wanted.value);
}

function textIn({ function: name }: CallExpression, wanted: string): string {
  switch (name) {
    case "eq":
    case "contains":
    case "starts_with":
    case "ends_with":
      return wanted;
    case "like":
      return wanted.split(/[%_]/).reduce((longest, part) => (part.length > longest.length ? part : longest));
    case "regexp_matches":
      return requiredLiteral(compilePattern(wanted).node)?.text ?? "";
    default:
      return "";
  }
}

/** Bytes of logs, roughly from the most to the least frequent; others are rarer still. */
const FREQUENT = ' 0123456789e/.-"toainsrlcdmphgu:;,()=_?&bfwvykTGEMLHPSACWNIxOURKFDBzjqXYVJQZ';

const rarity = (byte: number): number => {
  const rank = FREQUENT.indexOf(String.fromCharCode(byte));
  return rank < 0 ? FREQUENT.length : rank;
};

function rarestPlaces(bytes: Uint8Array): readonly [number, number] {
  const places = Array.from(bytes.subarray(0, NEEDLE_PLACES), (byte, place) => ({ place, rarity: rarity(byte) }));
  const [first, second] = places.sort((left, right) => right.rarity - left.rarity || left.place - right.place);
  return [first?.place ?? 0, second?.place ?? 0];
}
