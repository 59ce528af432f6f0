/** Globs, which come from strangers: what one matches, a naive matcher that goes back matches. */

import { compileGlob } from "../../src/base/glob.js";
import { expectSame } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { randomText } from "./mutate.js";

const PIECES = ["a", "b", "*", "**", "?", "/", "[a-b]", "[!a]", ".", "log", "**/", "/**"];
const PATHS = ["a", "b", "/", ".", "log", "ab"];

/** A segment's pattern as an expression of the runtime; a wildcard at the beginning matches no dot. */
function segmentMatches(pattern: string, segment: string): boolean {
  let source = /^[*?[]/.test(pattern) ? "(?!\\.)" : "";
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at] ?? "";
    const end = letter === "[" ? pattern.indexOf("]", at + (pattern[at + 1] === "!" ? 3 : 2)) : -1;
    if (letter === "*") source += ".*";
    else if (letter === "?") source += ".";
    else if (end > 0) {
      source += `[${pattern.slice(at + 1, end).replace(/^!/, "^")}]`;
      at = end;
    } else source += letter.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "su").test(segment);
}

function naiveMatches(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  const [segment, ...below] = path;
  if (first !== "**") return segment !== undefined && segmentMatches(first, segment) && naiveMatches(rest, below);
  return (
    naiveMatches(rest, path) || (segment !== undefined && !segment.startsWith(".") && naiveMatches(pattern, below))
  );
}

export const GLOBS: FuzzTarget = {
  name: "globs",
  weight: 6,
  run(random) {
    const glob = Array.from({ length: random.integer(1, 7) }, () => random.pick(PIECES)).join("");
    const compiled = compileGlob(glob);
    for (let count = 0; count < 3; count += 1) {
      const path = Array.from({ length: random.integer(1, 6) }, () => random.pick(PATHS)).join("");
      expectSame("match", compiled.matches(path), naiveMatches(glob.split("/"), path.split("/")), { glob, path });
    }
    compileGlob(randomText([...PIECES, "[", "]", "!", "\\", "{", "}"], 10, random)).matches(
      randomText(PATHS, 10, random),
    );
    return 4;
  },
};
