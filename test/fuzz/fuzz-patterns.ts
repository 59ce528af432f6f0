/** Regular expressions and LIKE: any text is a pattern or refused, and what one matches, a naive matcher matches. */

import { matchesLike } from "../../src/engine/functions/scalar/text.js";
import { Kernels } from "../../src/engine/kernels/kernels.js";
import { compilePattern, extractGroup, matchesPattern } from "../../src/engine/regex/compiled-pattern.js";
import type { PatternNode } from "../../src/engine/regex/pattern.js";
import { VertexAccumulator } from "../../src/engine/vertex-accumulator.js";
import type { RandomStream } from "../sim/random-stream.js";
import { bytesOf, call, field, literal, memoryReader, plan, tableOf, wholeRange } from "../unit/engine/plans.js";
import { expectSame, FuzzError, unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { randomText } from "./mutate.js";

const PIECES = [
  "a",
  "b",
  "é",
  ".",
  "*",
  "+",
  "?",
  "|",
  "(",
  ")",
  "(?:",
  "(?i)",
  "(?s)",
  "[",
  "]",
  "[^",
  "[a-c]",
  "-",
  "{2}",
  "{1,3}",
  "{0,}",
  "\\d",
  "\\w",
  "\\b",
  "\\B",
  "\\",
  "^",
  "$",
  "[[:alpha:]]",
  "\\.",
  " ",
  "*?",
  "1",
];
const SUBJECTS = ["a", "b", "c", "é", "1", ".", " ", "-", "A", "_", "ab", "😀"];

/** Longest text and most steps that the naive matcher is asked for: it goes back, and so takes exponential time. */
const MAX_STEPS = 20_000;

/** Ends of the matches of a node from a place, in the order in which they are preferred; the naive semantics. */
class NaiveMatcher {
  readonly #points: readonly string[];
  #steps = 0;

  constructor(text: string) {
    this.#points = Array.from(text);
  }

  /** Undefined if that would take too long. */
  matches(node: PatternNode): boolean | undefined {
    try {
      for (let start = 0; start <= this.#points.length; start += 1) {
        if (this.#from(node, start, () => true)) return true;
      }
      return false;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #from(node: PatternNode, at: number, then: (end: number) => boolean): boolean {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new RangeError("too long");
    switch (node.kind) {
      case "empty":
        return then(at);
      case "set": {
        const point = this.#points[at]?.codePointAt(0);
        return (
          point !== undefined && node.ranges.some(([first, last]) => first <= point && point <= last) && then(at + 1)
        );
      }
      case "sequence":
        return this.#sequence(node.parts, at, then);
      case "choice":
        return node.options.some((option) => this.#from(option, at, then));
      case "group":
        return this.#from(node.node, at, then);
      case "assertion":
        return this.#holds(node.assertion, at) && then(at);
      case "repeat":
        return this.#repeat(node, 0, at, then);
    }
  }

  #sequence(parts: readonly PatternNode[], at: number, then: (end: number) => boolean): boolean {
    const [first, ...rest] = parts;
    return first === undefined ? then(at) : this.#from(first, at, (end) => this.#sequence(rest, end, then));
  }

  #repeat(
    node: Extract<PatternNode, { kind: "repeat" }>,
    count: number,
    at: number,
    then: (end: number) => boolean,
  ): boolean {
    const more = (): boolean =>
      (node.most === null || count < node.most) &&
      this.#from(node.node, at, (end) => (end > at || count < node.least) && this.#repeat(node, count + 1, end, then));
    return (count >= node.least && then(at)) || more();
  }

  #holds(assertion: string, at: number): boolean {
    const isWord = (point: string | undefined): boolean => point !== undefined && /^[A-Za-z0-9_]$/.test(point);
    const isBorder = isWord(this.#points[at - 1]) !== isWord(this.#points[at]);
    if (assertion === "text-start") return at === 0;
    if (assertion === "text-end") return at === this.#points.length;
    return assertion === "word-border" ? isBorder : !isBorder;
  }
}

const kernels = Kernels.instantiate();

/** Which of the lines the kernel's table of states matches. */
function matchedLines(pattern: string, lines: readonly string[]): bigint {
  const filter = call("bool", "regexp_matches", field("_raw"), literal("string", pattern));
  const map = plan({ filter, keys: [] });
  const text = bytesOf(lines.map((line) => `${line}\n`).join(""));
  const accumulator = new VertexAccumulator(kernels, map);
  accumulator.scan(memoryReader(text), wholeRange(text, "plain"));
  return BigInt((tableOf(accumulator, map)[0]?.[0] as bigint | undefined) ?? 0n);
}

function likeRound(random: RandomStream): number {
  const pattern = randomText(["a", "b", "%", "%", "_", "é", "ab"], 8, random);
  const subject = randomText(["a", "b", "ab", "é", "%", "_"], 10, random);
  const source = Array.from(pattern, (point) =>
    point === "%" ? "[^]*" : point === "_" ? "[^]" : point.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&"),
  );
  const expected = new RegExp(`^${source.join("").replaceAll(/(\[\^\]\*)+/g, "[^]*")}$`, "u").test(subject);
  expectSame("LIKE", matchesLike(subject, pattern), expected, { pattern, subject });
  return 1;
}

export const PATTERNS: FuzzTarget = {
  name: "patterns",
  weight: 12,
  run(random) {
    if (random.chance(0.3)) return likeRound(random);
    const pattern = randomText(PIECES, 10, random);
    const compiled = unlessRefused(["PatternError"], pattern, () => compilePattern(pattern));
    if (compiled === undefined) return 1;
    const subjects = Array.from({ length: 4 }, () => randomText(SUBJECTS, 8, random).replaceAll(/[\n\r]/g, "-"));
    const found = subjects.map((subject) => matchesPattern(subject, pattern));
    subjects.forEach((subject, index) => {
      const expected = new NaiveMatcher(subject).matches(compiled.node);
      if (expected !== undefined) expectSame("match", found[index], expected, { pattern, subject });
      const whole = extractGroup(subject, pattern, 0);
      if (!subject.includes(whole) || (whole !== "" && found[index] !== true))
        throw new FuzzError(`extract ${whole}`, { pattern, subject });
    });
    expectSame("kernel", matchedLines(pattern, subjects), BigInt(found.filter(Boolean).length), { pattern, subjects });
    return 1 + subjects.length;
  },
};
