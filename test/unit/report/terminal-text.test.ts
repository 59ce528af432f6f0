import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth, safeText } from "../../../src/base/safe-text.js";
import { bar, leftAligned, sparkline } from "../../../src/report/terminal-text.js";

describe("leftAligned", () => {
  it.each([
    ["short", 8, "short   "],
    ["exactly8", 8, "exactly8"],
    ["nine char", 8, "nine ch…"],
    ["中文中文中", 8, "中文中… "],
  ])("puts %j into %i cells as %j", (text, width, expected) => {
    expect(leftAligned(text, width)).toBe(expected);
  });

  it("fills exactly the width for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(displayWidth(leftAligned(safeText(text), width))).toBe(width);
      }),
    );
  });
});

describe("bar", () => {
  it.each([
    [0, 10, ""],
    [1, 10, "██████████"],
    [0.5, 10, "█████"],
    [0.0001, 10, "▏"],
    [0.4375, 2, "▉"],
    [2, 4, "████"],
  ])("of %f in %i cells is %j", (fraction, width, expected) => {
    expect(bar(fraction, width)).toBe(expected);
  });
});

describe("sparkline", () => {
  it("is as high as each value's part of the highest, and empty for none", () => {
    expect(sparkline([0, 1, 50, 88, 100], 100)).toBe(" ▁▄██");
  });
});
