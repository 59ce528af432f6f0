import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { LEAF_BYTES } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, of, progressOf } from "./reduction-node.js";

/** A root over sixteen spans on a node that scans two of them at a time; the peers have scanned all of theirs in 200 ms each. */
function besideFast(members: string) {
  const node = coreOf(viewOf("a", members), { scanSlots: 2 });
  const effects = node.work(manifestOf([16]));
  node.at(200);
  for (const { pull } of of(effects, "pull")) node.step({ kind: "pull-done", pull, isFound: false });
  return { ...node, scans: of(effects, "scan") };
}

describe("A node that scans far more slowly than those it pulls from", () => {
  const at = (doneBytes: number, members = "a b c d") => {
    const node = besideFast(members);
    const [scan] = node.scans;
    if (scan === undefined) throw new Error("a span is scanned here");
    node.at(2900);
    node.step({ kind: "task-progress", key: scan.key, doneBytes });
    for (const other of node.scans.slice(1)) {
      node.step({ kind: "task-progress", key: other.key, doneBytes });
    }
    return { ...node, scan };
  };

  it("finds so after some seconds", () => {
    const node = at(LEAF_BYTES / 10);
    expect(node.core.isSlow(2900)).toBe(false);
    node.at(3000);
    expect(node.core.isSlow(3000)).toBe(true);
  });

  it("believes it for half a minute after the last such scan", () => {
    const node = at(LEAF_BYTES / 10);
    node.at(3000);
    for (const { key } of node.scans) node.step({ kind: "task-failed", key, failure: "failed", detail: "" });
    expect(node.core.isSlow(32_999)).toBe(true);
    expect(node.core.isSlow(33_000)).toBe(false);
  });

  it("is not found where there are too few to compare with", () => {
    const node = at(LEAF_BYTES / 10, "a b c");
    node.at(3000);
    expect(node.core.isSlow(3000)).toBe(false);
  });
});

describe("A node whose peers are as slow", () => {
  it("is well", () => {
    const node = coreOf(viewOf("a", "a b c d"), { scanSlots: 2 });
    const effects = node.work(manifestOf([16]));
    for (const { pull } of of(effects, "pull")) node.step(progressOf(pull, {}));
    node.at(4000);
    for (const { pull, from } of of(effects, "pull")) {
      expect(from).not.toBe(nodeId("a"));
      node.step(progressOf(pull, { doneBytes: LEAF_BYTES / 10, activity: 1 }));
    }
    for (const { key } of of(effects, "scan")) {
      node.step({ kind: "task-progress", key, doneBytes: LEAF_BYTES / 10 });
    }
    node.at(4100);
    expect(node.core.isSlow(4100)).toBe(false);
  });
});
