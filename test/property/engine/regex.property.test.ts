/** Regular expressions: the kernel's table of states, the simulation, and (as an oracle only) the runtime's own agree. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { compilePattern, extractGroup, matchesPattern } from "../../../src/engine/regex/compiled-pattern.js";
import { findMatch } from "../../../src/engine/regex/simulate.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { bytesOf, call, field, literal, memoryReader, plan, tableOf, wholeRange } from "../../unit/engine/plans.js";

/** Repetitions within repetitions take the oracle a time that doubles with each. */
const MAX_REPEATS = 3;

/** Patterns that mean the same to the runtime with the flags `u` and `s` off. */
const pattern = fc
  .letrec<{ atom: string; piece: string; sequence: string; choice: string }>((tie) => ({
    atom: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(
        "a",
        "b",
        "\u00fc",
        ".",
        "\\d",
        "\\w",
        "\\b",
        "\\B",
        "^",
        "$",
        "[ab]",
        "[^a]",
        "[a-c\u00fc]",
        "\\.",
        " ",
      ),
      tie("choice").map((inner) => `(${inner})`),
      tie("choice").map((inner) => `(?:${inner})`),
    ),
    piece: fc
      .tuple(tie("atom"), fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?"))
      .map(([atom, repeat]) => (/^(?:\\b|\\B|\^|\$)$/.test(atom) ? atom : atom + repeat)),
    sequence: fc.array(tie("piece"), { maxLength: 4 }).map((parts) => parts.join("")),
    choice: fc.array(tie("sequence"), { minLength: 1, maxLength: 2 }).map((options) => options.join("|")),
  }))
  .choice.filter((written) => (written.replaceAll("(?:", "(").match(/[*+?{]/g) ?? []).length <= MAX_REPEATS);

const text = (pieces: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { maxLength }).map((parts) => parts.join(""));

/** Short, because the oracle's time may double with each character. */
const shortText = text(["a", "b", "c", "1", "_", ".", " ", "\u00fc", "\u{1f600}"], 6);
const subject = text(["a", "b", "c", "1", "_", ".", " ", "\u00fc", "\u{1f600}", "aab", "x".repeat(40)], 8);

/** The runtime finds `\\B` in the middle of a surrogate pair; a letter of one unit means the same to all the patterns here. */
const ofOneUnit = (text: string): string => text.replaceAll("\u{1f600}", "\u4e2d");

describe("the matcher of groups", () => {
  test("marks what the simulation marks, whatever it has matched before", () => {
    fc.assert(
      fc.property(pattern, fc.array(subject, { minLength: 1, maxLength: 4 }), (written, texts) => {
        const { program, matcher } = compilePattern(written);
        for (const text of [...texts, ...texts]) {
          expect(matcher.find(bytesOf(text))).toEqual(findMatch(program, bytesOf(text)));
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("does so with more states than it keeps", () => {
    const { program, matcher } = compilePattern("(a|b)*a(a|b){12}(c)");
    const sides = Array.from({ length: 6000 }, (_, place) =>
      (Math.imul(place, 0x9e37_79b1) >>> 13) % 2 === 0 ? "a" : "b",
    );
    const text = bytesOf(`${sides.join("")}c`);
    expect(matcher.find(text)).toEqual(findMatch(program, text));
  });
});

describe("the matcher", () => {
  test("finds a match where the runtime does", () => {
    fc.assert(
      fc.property(pattern, shortText, (written, text) => {
        expect(matchesPattern(text, written)).toBe(new RegExp(written, "u").test(ofOneUnit(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test("takes the same leftmost match, and its groups where no loop leaves them open", () => {
    fc.assert(
      fc.property(pattern, shortText, (written, text) => {
        const match = new RegExp(written, "u").exec(ofOneUnit(text));
        const isEmptyLoop = /[*+}?]/.test(written) && /\(\)|\^|\$|\\b|\\B|\|/.test(written);
        fc.pre(!isEmptyLoop && !/[)][*+?{]/.test(written));
        const { groups } = compilePattern(written);
        for (let group = 0; group <= groups; group += 1) {
          expect(ofOneUnit(extractGroup(text, written, group))).toBe(match?.[group] ?? "");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the kernel", () => {
  const kernels = Kernels.instantiate();
  const matched = (text: Uint8Array, written: string): readonly (readonly unknown[])[] => {
    const map = plan({ keys: [call("bool", "regexp_matches", field("_raw"), literal("string", written))] });
    const accumulator = new VertexAccumulator(kernels, map);
    accumulator.scan(memoryReader(text), wholeRange(text, "plain"));
    return tableOf(accumulator, map);
  };

  test("finds a match where the simulation does", () => {
    fc.assert(
      fc.property(pattern, fc.array(subject, { minLength: 1, maxLength: 6 }), (written, lines) => {
        const expected = lines.map((line) => matchesPattern(line, written));
        const counts = [false, true]
          .map((value) => [value, BigInt(expected.filter((entry) => entry === value).length)] as const)
          .filter(([, count]) => count > 0n);
        expect(matched(bytesOf(`${lines.join("\n")}\n`), written)).toEqual(counts);
      }),
      { numRuns: 300 },
    );
  });

  test("finds a literal of any length at any place of texts of any length, and not behind their ends", () => {
    const filler = fc.array(fc.constantFrom("a", "b", "ab", "ba", "c".repeat(31)), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ab]{1,60}$/),
        fc.array(fc.tuple(filler, fc.integer({ min: 0, max: 61 }), filler), { minLength: 1, maxLength: 12 }),
        (wanted, all) => {
          // A line that ends within the text is followed by one that may begin with the rest of it.
          const lines = all.map(
            ([before, length, behind]) => before.join("") + wanted.slice(0, length) + behind.join(""),
          );
          const found = lines.filter((line) => line.includes(`${wanted}c`)).length;
          const expected = [
            [false, BigInt(lines.length - found)],
            [true, BigInt(found)],
          ].filter(([, count]) => count !== 0n);
          // Behind the last newline an empty line is none.
          const text = lines.join("\n") + (lines.at(-1) === "" ? "\n" : "");
          expect(matched(bytesOf(text), `${wanted}c+`)).toEqual(expected);
        },
      ),
      { numRuns: 300, examples: [["a", [[[], 0, []]]]] },
    );
  });

  test.each([
    ["(a+)+$", `${"a".repeat(2_000_000)}b`, false],
    ["(a|a)*c$", "a".repeat(1_000_000), false],
    ["(x+x+)+y", "x".repeat(500_000), false],
    ["a.{10}b$", `${"a".repeat(30_000)}b`, true],
  ])("takes %s over a long line in one pass", (written, line, expected) => {
    expect(matched(bytesOf(line), written)).toEqual([[expected, 1n]]);
  });

  test("falls back to the simulation where the table would be too large", () => {
    const written = "a.{14}b.{14}c";
    const line = `${"ab".repeat(20)}${"c".repeat(20)}`;
    expect(matched(bytesOf(line), written)).toEqual([[new RegExp(written).test(line), 1n]]);
  });

  test("matches bytes that are no UTF-8 with nothing", () => {
    expect(matched(Uint8Array.of(0x61, 0xff, 0x62), "a.b")).toEqual([[false, 1n]]);
    expect(matched(Uint8Array.of(0x61, 0xff, 0x62), "b$")).toEqual([[true, 1n]]);
  });
});
