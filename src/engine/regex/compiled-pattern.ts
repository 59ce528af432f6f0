/** Patterns ready to be matched, by their text. */

import { GroupMatcher } from "./group-matcher.js";
import { parsePattern } from "./parse-pattern.js";
import type { PatternNode } from "./pattern.js";
import { compileProgram, type PatternProgram } from "./pattern-program.js";

export interface CompiledPattern {
  readonly node: PatternNode;
  readonly groups: number;
  readonly program: PatternProgram;
  readonly matcher: GroupMatcher;
}

const MAX_KEPT = 64;
const kept = new Map<string, CompiledPattern>();

/** Throws a `PatternError`. */
export function compilePattern(pattern: string): CompiledPattern {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const { node, groups } = parsePattern(pattern);
  const program = compileProgram(node, groups);
  const compiled = { node, groups, program, matcher: new GroupMatcher(program) };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(pattern, compiled);
  return compiled;
}

/** Of a unit of a JavaScript string, in UTF-8. */
const MOST_UNIT_BYTES = 3;
let room = Buffer.alloc(4096);

/** Writes a text where it can be matched; returns how many bytes of {@link room} it has. */
function write(text: string): number {
  const most = text.length * MOST_UNIT_BYTES;
  if (most > room.length) room = Buffer.alloc(2 * most);
  return room.write(text, 0, most, "utf8");
}

/** Whether a pattern matches somewhere in a text. */
export function matchesPattern(text: string, pattern: string): boolean {
  const { matcher } = compilePattern(pattern);
  const length = write(text);
  return matcher.find(room, length) !== undefined;
}

/** The text of a group of the leftmost match, 0 for all of it; empty where there is no match or the group took no part. */
export function extractGroup(text: string, pattern: string, group: number): string {
  const { matcher } = compilePattern(pattern);
  const length = write(text);
  const marks = matcher.find(room, length);
  const start = marks?.[2 * group] ?? -1;
  const end = marks?.[2 * group + 1] ?? -1;
  return start < 0 || end < 0 ? "" : room.toString("utf8", start, end);
}
