/** Functions that take texts apart and put them together. Places count code points, from 1. */

import type { Value } from "../../../job/result.js";
import type { ScalarFunction } from "../scalar-function.js";
import { onOneText, onPresent } from "./lifted.js";

/** Whether some of its code points are two units of a JavaScript string. */
const hasPairs = (text: string): boolean => /[\ud800-\udfff]/.test(text);

const countPoints = (text: string): number => (hasPairs(text) ? Array.from(text).length : text.length);

/** As `slice`, by code points. */
const slicePoints = (text: string, from: number, to?: number): string =>
  hasPairs(text) ? Array.from(text).slice(from, to).join("") : text.slice(from, to);

/**
 * As DuckDB's: `length` places from `start`, or as many before it where that is negative. A negative start counts from the
 * end. What of that lies outside of the text is counted and empty.
 */
function substring(text: string, start: number, length: number): string {
  const from = start < 0 ? countPoints(text) + start : start - 1;
  const [first, behind] = length < 0 ? [from + length, from] : [from, from + length];
  return slicePoints(text, Math.max(0, first), Math.max(0, behind));
}

/** A negative count leaves that many out at the other end. */
const left = (text: string, count: number): string => slicePoints(text, 0, count);

const right = (text: string, count: number): string =>
  slicePoints(text, count < 0 ? -count : Math.max(0, countPoints(text) - count));

/** Empty where there is no such part; a negative number counts from the end. */
function splitPart(text: string, separator: string, number: number): string {
  if (number > 0 && separator !== "") return earlyPart(text, separator, number);
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  return parts.at(number > 0 ? number - 1 : number === 0 ? parts.length : number) ?? "";
}

/** Without taking apart what is behind it. */
function earlyPart(text: string, separator: string, number: number): string {
  let start = 0;
  for (let part = 1; part < number; part += 1) {
    const end = text.indexOf(separator, start);
    if (end < 0) return "";
    start = end + separator.length;
  }
  const end = text.indexOf(separator, start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

/** Strips spaces, or any of the given characters. */
function trimmer(atStart: boolean, atEnd: boolean): (text: string, characters: string | undefined) => string {
  return (text, characters) => {
    const points = Array.from(text);
    const stripped = characters === undefined ? undefined : new Set(characters);
    const isStripped = (point: string | undefined): boolean =>
      point !== undefined && (stripped === undefined ? /^\p{Zs}$/u.test(point) : stripped.has(point));
    let start = 0;
    let end = points.length;
    while (atStart && start < end && isStripped(points[start])) start += 1;
    while (atEnd && end > start && isStripped(points[end - 1])) end -= 1;
    return points.slice(start, end).join("");
  };
}

const trimming = (name: string, atStart: boolean, atEnd: boolean): ScalarFunction => {
  const trim = trimmer(atStart, atEnd);
  const compute = (text: Value, characters?: Value): Value =>
    trim(String(text), characters === undefined ? undefined : String(characters));
  return onPresent(name, ["string", "string"], "string", compute, 1);
};

/** Code points before the first occurrence, and one; 0 where there is none. */
function position(text: string, part: string): bigint {
  const at = text.indexOf(part);
  return at < 0 ? 0n : BigInt(countPoints(text.slice(0, at)) + 1);
}

export const TEXT_PARTS: readonly ScalarFunction[] = [
  {
    name: "join",
    rule: { kind: "same", least: 2, most: 2 },
    resultType: () => "string",
    evaluate: ([first = null, second = null]) => (first === null || second === null ? null : `${first}${second}`),
    callable: false,
    inKernels: true,
  },
  {
    name: "concat",
    rule: { kind: "same", least: 1, most: Number.POSITIVE_INFINITY, among: ["string"] },
    resultType: () => "string",
    evaluate: (values) => values.filter((value) => value !== null).join(""),
    callable: true,
    inKernels: false,
  },
  onPresent(
    "substring",
    ["string", "i64", "i64"],
    "string",
    (text, start, length = BigInt(Number.MAX_SAFE_INTEGER)) => substring(String(text), Number(start), Number(length)),
    2,
  ),
  onPresent("left", ["string", "i64"], "string", (text, count) => left(String(text), Number(count))),
  onPresent("right", ["string", "i64"], "string", (text, count) => right(String(text), Number(count))),
  onPresent("split_part", ["string", "string", "i64"], "string", (text, separator, number) =>
    splitPart(String(text), String(separator), Number(number)),
  ),
  onPresent("replace", ["string", "string", "string"], "string", (text, part, other) =>
    part === "" ? text : String(text).replaceAll(String(part), () => String(other)),
  ),
  trimming("trim", true, true),
  trimming("ltrim", true, false),
  trimming("rtrim", false, true),
  onPresent("strpos", ["string", "string"], "i64", (text, part) => position(String(text), String(part))),
  onOneText("strlen", "i64", (text) => BigInt(Buffer.byteLength(text))),
  onOneText("reverse", "string", (text) => Array.from(text).reverse().join("")),
];
