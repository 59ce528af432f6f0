import { describe, expect, it } from "vitest";
import { isSlow, isVerySlow } from "../../../src/cluster/reduction/pace.js";

describe("A span is slow", () => {
  it.each([
    ["at less than half the median pace of its siblings", 4, 40, [4, 10, 10, 10], true],
    ["and not at half of it", 5, 40, [5, 10, 10, 10], false],
    ["and not when it is nearly done, so that anybody else would come later", 4, 70, [4, 10, 10, 10], false],
    ["and not when there are too few to compare with", 1, 0, [1, 10, 10], false],
    ["beside the median, not beside the fastest", 4, 40, [4, 6, 6, 6, 100], false],
    ["when it stands still", 0, 0, [0, 10, 10, 10], true],
    ["and not when all stand still", 0, 0, [0, 0, 0, 0], false],
  ])("%s", (_, pace, doneBytes, paces, expected) => {
    expect(isSlow({ doneBytes, pace }, 100, paces)).toBe(expected);
  });
});

describe("A span is very slow", () => {
  it.each([
    ["at less than a quarter of what another node does", 2, 0, [10], true],
    ["and not at a quarter: spans of one size differ", 2.5, 0, [10], false],
    ["beside the median of several", 2, 0, [1, 10, 12], true],
    ["and not when it is nearly done, so that anybody else would come later", 2, 81, [10], false],
    ["and not when nothing is known of others", 0, 0, [], false],
  ])("%s", (_, pace, doneBytes, others, expected) => {
    expect(isVerySlow({ doneBytes, pace }, 100, others)).toBe(expected);
  });
});
