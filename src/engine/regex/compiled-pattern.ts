/** Patterns ready to be matched, by their text. */

import { parsePattern } from "./parse-pattern.js";
import type { PatternNode } from "./pattern.js";
import { compileProgram, type PatternProgram } from "./pattern-program.js";
import { findMatch } from "./simulate.js";

export interface CompiledPattern {
  readonly node: PatternNode;
  readonly groups: number;
  readonly program: PatternProgram;
}

const MAX_KEPT = 64;
const kept = new Map<string, CompiledPattern>();

/** Throws a `PatternError`. */
export function compilePattern(pattern: string): CompiledPattern {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const { node, groups } = parsePattern(pattern);
  const compiled = { node, groups, program: compileProgram(node, groups) };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(pattern, compiled);
  return compiled;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whether a pattern matches somewhere in a text. */
export const matchesPattern = (text: string, pattern: string): boolean =>
  findMatch(compilePattern(pattern).program, encoder.encode(text)) !== undefined;

/** The text of a group of the leftmost match, 0 for all of it; empty where there is no match or the group took no part. */
export function extractGroup(text: string, pattern: string, group: number): string {
  const bytes = encoder.encode(text);
  const marks = findMatch(compilePattern(pattern).program, bytes);
  const start = marks?.[2 * group] ?? -1;
  const end = marks?.[2 * group + 1] ?? -1;
  return start < 0 || end < 0 ? "" : decoder.decode(bytes.subarray(start, end));
}
