import { describe, expect, it, test } from "vitest";
import { buildAutomaton } from "../../../../src/engine/regex/automaton.js";
import { compilePattern, extractGroup, matchesPattern } from "../../../../src/engine/regex/compiled-pattern.js";
import { requiredLiteral } from "../../../../src/engine/regex/required-literal.js";
import { utf8Sequences } from "../../../../src/engine/regex/utf8-ranges.js";

describe("patterns match", () => {
  test.each([
    ["(?i)foo", "a FoO", true],
    ["foo(?i:BAR)", "foobar", true],
    ["(?i)a(?-i)b", "AB", false],
    ["^$", "", true],
    ["\\Aab\\z", "ab", true],
    ["[[:alpha:]]+[[:^digit:]]$", "ab-", true],
    ["[]a]", "]", true],
    ["[^]a]", "]", false],
    ["[a-]", "-", true],
    ["\\x41\\x{fc}", "A\u00fc", true],
    ["a{2,3}$", "baa", true],
    ["a{,3}", "a{,3}", true],
    ["\\bfoo\\b", "a foo.", true],
    ["\\bfoo\\b", "afoo.", false],
    ["^.$", "\u{1f600}", true],
    ["\\B", "a\u00fca", false],
    ["[\\d.]+", "1.2", true],
    ["\\/\\.\\-", "/.-", true],
  ])("%s in %j: %s", (pattern, text, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected);
  });

  it("prefers earlier alternatives and greedy repetitions, from the leftmost place on", () => {
    expect(extractGroup("xabcabc", "ab|abc", 0)).toBe("ab");
    expect(extractGroup("aaa", "a+?", 0)).toBe("a");
    expect(extractGroup("key=value;", "(?P<k>\\w+)=(\\w+)", 2)).toBe("value");
    expect(extractGroup("b", "(a)|b", 1)).toBe("");
  });
});

describe("patterns are refused", () => {
  test.each([
    ["(a", 0, "this group has no closing )"],
    ["a)", 1, "this ) closes no group; write \\)"],
    ["[a", 0, "this [ has no closing ]"],
    ["*a", 0, "there is nothing before this * to repeat; write \\*"],
    ["a**", 2, "a repetition of a repetition needs a group around the inner one"],
    ["a{3,2}", 1, "this repetition ends before it begins"],
    ["a{2000}", 1, "a repetition counts to 1000 at most"],
    ["a++", 2, "possessive repetitions are not supported"],
    ["\\q", 0, "the escape \\q is not known"],
    ["a\\", 1, "the pattern ends behind this \\; write \\\\"],
    ["[z-a]", 1, "this range ends before it begins"],
    ["\\x{110000}", 0, "there is no code point beyond \\x{10FFFF}"],
    ["(?<=a)b", 1, "looking ahead or behind cannot be done in linear time and is not supported"],
    ["(?#x)", 1, "this kind of group is not known; there are (…), (?:…), (?<name>…), (?i) and (?s)"],
    [`${"(".repeat(300)}a${")".repeat(300)}`, 200, "groups are nested more than 200 levels deep"],
  ])("%s at %i", (pattern, position, message) => {
    expect(() => compilePattern(pattern)).toThrowError(expect.objectContaining({ position, message }));
  });
});

describe("what every match holds", () => {
  test.each([
    ["Firefox/\\d+", "Firefox/", true],
    ["^Mozilla", "Mozilla", false],
    ["a+bcd", "bcd", false],
    ["(?i)abc", undefined, false],
    ["foo|bar", undefined, false],
    ["x(long part)?yz", "yz", false],
    ["(ab){2}", "ab", true],
  ])("%s: %s", (pattern, text, isAtStart) => {
    const literal = requiredLiteral(compilePattern(pattern).node);
    expect(literal?.text).toBe(text);
    if (text !== undefined) expect(literal?.isAtStart).toBe(isAtStart);
  });
});

it("ranges of code points become exactly their bytes", () => {
  const sequences = utf8Sequences([0x7e, 0x10ffff]);
  const encoder = new TextEncoder();
  for (const point of [
    0x7d, 0x7e, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff,
  ]) {
    const bytes = encoder.encode(String.fromCodePoint(point));
    const hits = sequences.filter(
      (sequence) =>
        sequence.length === bytes.length &&
        sequence.every(([first, last], index) => (bytes[index] ?? 0) >= first && (bytes[index] ?? 0) <= last),
    );
    expect(hits.length).toBe(point < 0x7e ? 0 : 1);
  }
});

it("tables are made for usual patterns, and given up for those that need too many states", () => {
  expect(buildAutomaton(compilePattern("(Googlebot|bingbot)/\\d+\\.\\d+").program)?.classCount).toBeLessThan(40);
  expect(buildAutomaton(compilePattern("a.{14}b").program)).toBeUndefined();
});
