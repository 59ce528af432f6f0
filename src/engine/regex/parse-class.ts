/** `[…]` and escapes of single code points. */

import { CLASS_ESCAPES, complement, MAX_CODE_POINT, NAMED_CLASSES, normalized } from "./code-sets.js";
import { type CodeRange, PatternError } from "./pattern.js";
import type { PatternReader } from "./pattern-reader.js";

const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

/** Reads `[…]` to the set of what it matches. */
export function parseClass(reader: PatternReader): readonly CodeRange[] {
  const start = reader.position;
  reader.skip(1);
  const isNegated = reader.take("^");
  const ranges: CodeRange[] = [];
  let isFirst = true;
  while (isFirst || !reader.isNext("]")) {
    if (reader.isAtEnd) throw new PatternError(start, "this [ has no closing ]");
    isFirst = false;
    ranges.push(...classItem(reader));
  }
  reader.skip(1);
  return isNegated ? complement(ranges) : normalized(ranges);
}

function classItem(reader: PatternReader): readonly CodeRange[] {
  const named = reader.takeMatch(/\[:(\^?)([a-z]*):\]/y);
  if (named !== undefined) {
    const ranges = NAMED_CLASSES.get(named[2] ?? "");
    if (ranges !== undefined) return named[1] === "^" ? complement(ranges) : ranges;
    const known = [...NAMED_CLASSES.keys()].join(", ");
    throw new PatternError(reader.position - named[0].length, `no class is called "${named[2]}"; there are ${known}`);
  }
  const ranges = reader.isNext("\\") ? CLASS_ESCAPES.get(reader.peek(1)) : undefined;
  if (ranges !== undefined) {
    reader.skip(2);
    return ranges;
  }
  const at = reader.position;
  const first = classPoint(reader);
  if (!reader.isNext("-") || reader.peek(1) === "]" || reader.peek(1) === "") return [[first, first]];
  reader.skip(1);
  const last = classPoint(reader);
  if (last < first) throw new PatternError(at, "this range ends before it begins");
  return [[first, last]];
}

const classPoint = (reader: PatternReader): number => (reader.isNext("\\") ? parseEscape(reader) : reader.next());

/** Reads an escape that stands for one code point. */
export function parseEscape(reader: PatternReader): number {
  const start = reader.position;
  const hex = reader.takeMatch(/\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y);
  if (hex !== undefined) {
    const point = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
    if (point <= MAX_CODE_POINT) return point;
    throw new PatternError(start, "there is no code point beyond \\x{10FFFF}");
  }
  reader.skip(1);
  const letter = reader.peek();
  const control = CONTROL_ESCAPES.get(letter);
  if (control !== undefined) {
    reader.skip(1);
    return control;
  }
  if (/[1-9]/.test(letter)) throw new PatternError(start, "going back to a group cannot be done in linear time");
  if (letter === "") throw new PatternError(start, "the pattern ends behind this \\; write \\\\");
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternError(start, `the escape \\${letter} is not known`);
  return reader.next();
}
