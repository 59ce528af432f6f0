import { describe, expect, test } from "vitest";
import { compileGlob } from "../../../src/base/glob.js";

describe("a glob", () => {
  test.each([
    ["*.log", ["a.log", ".log.log"], ["a.log"]],
    ["*", ["a", ".a", "a/b"], ["a"]],
    [".*", [".a", "a"], [".a"]],
    ["access?.log", ["access1.log", "access.log", "access12.log"], ["access1.log"]],
    ["a[0-9b].log", ["a5.log", "ab.log", "ac.log"], ["a5.log", "ab.log"]],
    ["a[!0-9].log", ["a5.log", "ab.log"], ["ab.log"]],
    ["a[]x].log", ["a].log", "ax.log", "ay.log"], ["a].log", "ax.log"]],
    ["a[.log", ["a[.log", "a.log"], ["a[.log"]],
    ["**", ["a", "a/b", "a/b/c", "a/.b/c", ".a"], ["a", "a/b", "a/b/c"]],
    ["**/*.log", ["a.log", "x/a.log", "x/y/a.log", "x/y/a.txt"], ["a.log", "x/a.log", "x/y/a.log"]],
    ["x/**/a.log", ["x/a.log", "x/y/a.log", "x/y/z/a.log", "y/a.log"], ["x/a.log", "x/y/a.log", "x/y/z/a.log"]],
    ["web/*/access*.log", ["web/1/access.log", "web/access.log", "web/1/2/access.log"], ["web/1/access.log"]],
    ["ü?.log", ["ü😀.log", "ü.log"], ["ü😀.log"]],
    ["a+(b)|c.log", ["a+(b)|c.log", "aab.log"], ["a+(b)|c.log"]],
    ["", ["a"], []],
  ])("%j matches exactly what it should", (glob, paths, matching) => {
    const { matches } = compileGlob(glob);
    expect(paths.filter(matches)).toEqual(matching);
  });

  test("answers at once however many stars a stranger writes", () => {
    const { matches } = compileGlob(`${"*a".repeat(400)}b`);
    expect(matches("a".repeat(20_000))).toBe(false);
    const deep = compileGlob(`${"**/a/".repeat(150)}b`);
    expect(deep.matches(`${"a/".repeat(500)}c`)).toBe(false);
  });

  test("longer than a path can be matches nothing", () => {
    expect(compileGlob("*".repeat(1_025)).matches("a")).toBe(false);
  });
});
