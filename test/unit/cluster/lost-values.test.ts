import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { vertexName } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, keyOf, of, vertexNamed } from "./reduction-node.js";

type Node = ReturnType<typeof coreOf>;

const scanned = (effects: readonly ReductionEffect[]): readonly string[] =>
  of(effects, "scan").map(({ vertex }) => vertexName(vertex));

describe("A child's value that the store lost before its merge", () => {
  const manifest = manifestOf([2]);
  const [left, right, root] = ["r0.0.0", "r0.0.1", "r0.1.0"].map((name) => keyOf(manifest, name)) as [
    never,
    never,
    never,
  ];
  const lose = (node: Node): readonly ReductionEffect[] => {
    node.values.delete(left);
    return node.step({ kind: "children-lost", key: root, children: [left] });
  };

  /** The left child was found in the store; the right one is computed, and the merge begins. */
  const merging = (): Node => {
    const node = coreOf(viewOf("a", "a"));
    node.values.add(left);
    expect(scanned(node.work(manifest))).toEqual(["r0.0.1"]);
    expect(of(node.done(right), "merge").map(({ children }) => children)).toEqual([[left, right]]);
    return node;
  };

  it("is computed anew, and the value of the other child serves again", () => {
    const node = merging();
    expect(scanned(lose(node))).toEqual(["r0.0.0"]);
    expect(of(node.done(left), "merge").map(({ children }) => children)).toEqual([[left, right]]);
    expect(of(node.done(root), "root-ready")).toHaveLength(1);
  });

  it("is merged at once where the store has it again", () => {
    const node = merging();
    const effects = node.step({ kind: "children-lost", key: root, children: [left] });
    expect(of(effects, "merge").map(({ children }) => children)).toEqual([[left, right]]);
  });

  it("fails the vertex at the fourth time, naming the value, instead of going round for ever", () => {
    const node = coreOf(viewOf("a", "a"), { failFast: true });
    node.values.add(left);
    node.work(manifest);
    node.done(right);
    for (let times = 1; times <= 3; times += 1) {
      expect(of(lose(node), "root-failed")).toEqual([]);
      expect(of(node.done(left), "merge")).toHaveLength(1);
    }
    const detail = expect.stringContaining(left) as string;
    expect(of(lose(node), "root-failed")).toEqual([expect.objectContaining({ failure: "failed", detail })]);
  });

  it("is nothing to a vertex that nobody wants any longer", () => {
    const node = merging();
    node.step({ kind: "rest", jobId: manifest.jobId });
    expect(lose(node)).toEqual([]);
    expect(node.core.isBusy).toBe(false);
  });
});

describe("A value that the store lost before it was served", () => {
  const manifest = manifestOf([2]);
  const vertex = vertexNamed("r0.0.0");
  const key = keyOf(manifest, "r0.0.0");

  it("is computed anew for the puller, whatever the store says that it has", () => {
    const node = coreOf(viewOf("a", "a b"));
    node.values.add(key);
    expect(of(node.pulled(manifest, "r0.0.0", 1), "serve")).toHaveLength(1);
    expect(scanned(node.step({ kind: "value-lost", puller: 1, manifest, vertex, want: { kind: "value" } }))).toEqual([
      "r0.0.0",
    ]);
    const [served] = of(node.done(key), "serve");
    expect(served).toMatchObject({ puller: 1, isFound: false });
  });
});

describe("Values of a cover that the store lost before its merge", () => {
  const whole = manifestOf([1, 1]);
  const files = whole.files.map((file, index) => (index === 0 ? { ...file, node: nodeId("z") } : file));
  const manifest: Manifest = { ...whole, files };
  const key = keyOf(manifest, "r1.0.0");

  const covering = (): Node => {
    const node = coreOf(viewOf("a", "a z!"));
    node.values.add(key);
    node.work(manifest);
    const [ready] = of(node.step({ kind: "cover", jobId: manifest.jobId }), "cover-ready");
    expect(ready).toMatchObject({ keys: [key], missing: [0] });
    node.values.delete(key);
    return node;
  };
  const lose = (node: Node): readonly ReductionEffect[] =>
    node.step({ kind: "cover-lost", jobId: manifest.jobId, keys: [key] });

  it("are computed anew, and the cover is what it was", () => {
    const node = covering();
    expect(scanned(lose(node))).toEqual(["r1.0.0"]);
    expect(of(node.done(key), "cover-ready")).toEqual([expect.objectContaining({ keys: [key], missing: [0] })]);
  });

  it("fail the job at the fourth time, naming the value", () => {
    const node = covering();
    for (let times = 1; times <= 3; times += 1) {
      expect(of(lose(node), "root-failed")).toEqual([]);
      node.done(key);
    }
    const detail = expect.stringContaining(key) as string;
    expect(of(lose(node), "root-failed")).toEqual([expect.objectContaining({ failure: "failed", detail })]);
  });
});
