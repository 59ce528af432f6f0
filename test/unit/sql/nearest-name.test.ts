import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../../src/engine/sql/nearest-name.js";

describe("the nearest name", () => {
  it.each([
    ["statsu", "status", 1],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["kitten", "sitting", 3],
    ["byets", "bytes", 1],
  ])("of %j and %j is %i edits away", (left, right, distance) => expect(editDistance(left, right)).toBe(distance));

  it("is the first of the closest, ignoring case", () => {
    expect(nearestName("STATSU", ["state", "status", "bytes"])).toBe("status");
  });

  it("is nothing when all names are far", () => {
    expect(nearestName("xyz", ["status", "bytes"])).toBeUndefined();
    expect(nearestName("a".repeat(60_000), ["status"])).toBeUndefined();
  });
});
