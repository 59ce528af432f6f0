import { describe, expect, it } from "vitest";
import { digestOf } from "../../../src/base/digest.js";
import { nodeId, type VertexKey } from "../../../src/base/ids.js";
import { Placement } from "../../../src/cluster/placement/placement.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { ReductionCore } from "../../../src/cluster/reduction/reduction-core.js";
import type { ReductionEffect, ReductionInput } from "../../../src/cluster/reduction/reduction-events.js";
import { parseVertexName } from "../../../src/job/tree.js";
import { VertexKeys } from "../../../src/job/vertex-key.js";
import { manifestOf, viewOf } from "./cluster-cores.js";

const MIB = 2 ** 20;
const manifest = manifestOf([20]);
const keys = new VertexKeys(manifest);
const vertexOf = (name: string) => {
  const vertex = parseVertexName(name);
  if (vertex === undefined) throw new Error(`no vertex ${name}`);
  return vertex;
};
const keyOf = (name: string): VertexKey => keys.keyOf(vertexOf(name));

type Ready = Extract<ReductionEffect, { kind: "preview-ready" }>;
type Ask = Extract<ReductionEffect, { kind: "preview-pull" }>;
const readyOf = (effects: readonly ReductionEffect[]): readonly Ready[] =>
  effects.filter((effect) => effect.kind === "preview-ready");
const asksOf = (effects: readonly ReductionEffect[]): readonly Ask[] =>
  effects.filter((effect) => effect.kind === "preview-pull");

function coreOf(members: string, self = "a") {
  const values = new Set<VertexKey>();
  const view = { ...viewOf("a", members), self: nodeId(self) };
  const options = { protocol: protocolWith(), scanSlots: 100, failFast: false };
  const sizes = { sizeOf: () => undefined, finishOf: () => digestOf("finish"), firstRowsOf: () => undefined };
  const core = new ReductionCore(view, { ...options, ...sizes, hasValue: (key) => values.has(key) });
  let nowMs = 0;
  const step = (input: ReductionInput): readonly ReductionEffect[] => core.step(nowMs, input);
  return {
    values,
    step,
    at: (ms: number): readonly ReductionEffect[] => {
      nowMs = ms;
      return step({ kind: "tick" });
    },
    preview: (name: string, root: string | null = null, asker = 1): readonly ReductionEffect[] => {
      const from = root === null ? null : nodeId(root);
      return step({ kind: "preview", asker, manifest, vertex: vertexOf(name), root: from, withinMs: 1000 });
    },
  };
}

describe("A preview", () => {
  it("is what the node has of the vertex, the largest parts first, each byte once", () => {
    const node = coreOf("a");
    node.step({ kind: "work", manifest, root: true, isNew: true });
    for (let leaf = 0; leaf < 18; leaf += 1) {
      node.values.add(keyOf(`r0.0.${leaf}`));
      node.step({ kind: "task-done", key: keyOf(`r0.0.${leaf}`) });
    }
    node.values.add(keyOf("r0.1.0"));
    node.step({ kind: "task-done", key: keyOf("r0.1.0") });
    const expected = [keyOf("r0.1.0"), keyOf("r0.0.16"), keyOf("r0.0.17")];
    const [ready, ...more] = readyOf(node.preview("r0.2.0"));
    expect(more).toEqual([]);
    expect(ready).toMatchObject({ asker: 1, keys: expected, doneBytes: 18 * MIB });
  });

  it("is nothing where nothing is done, and starts no work", () => {
    const node = coreOf("a");
    const effects = node.preview("r0.2.0");
    expect(readyOf(effects)).toMatchObject([{ keys: [], doneBytes: 0 }]);
    expect(effects).toHaveLength(1);
  });

  it("is asked of the node that computes the root, and is its answer", () => {
    const node = coreOf("a b");
    const [ask] = asksOf(node.preview("r0.2.0", "b"));
    expect(ask).toMatchObject({ from: "b", previewMs: 700 });
    if (ask === undefined) throw new Error("the root's node is asked");
    const effects = node.step({ kind: "preview-answered", pull: ask.pull, key: ask.key, doneBytes: 5 });
    expect(readyOf(effects)).toMatchObject([{ keys: [ask.key], doneBytes: 5 }]);
    expect(effects).toContainEqual({ kind: "forget", key: ask.key });
  });

  it("asks those who gather its parts, and goes without the ones that do not answer in time", () => {
    const node = coreOf("a b c", "z");
    node.step({ kind: "work", manifest, root: true, isNew: true });
    const owner = new Placement(manifest, viewOf("a", "a b c")).candidatesOf(vertexOf("r0.1.0"))[0];
    const asks = asksOf(node.preview("r0.2.0"));
    expect(asks).toHaveLength(2);
    expect(asks[0]).toMatchObject({ from: owner });
    const [first, second] = asks;
    if (first === undefined || second === undefined) throw new Error("two are asked");
    expect(readyOf(node.step({ kind: "preview-answered", pull: first.pull, key: first.key, doneBytes: 7 }))).toEqual(
      [],
    );
    expect(readyOf(node.at(999))).toEqual([]);
    const effects = node.at(1000);
    expect(readyOf(effects)).toMatchObject([{ keys: [first.key], doneBytes: 7 }]);
    expect(effects).toContainEqual({ kind: "cancel-pull", pull: second.pull });
    const late = node.step({ kind: "preview-answered", pull: second.pull, key: second.key, doneBytes: 9 });
    expect(late).toEqual([{ kind: "forget", key: second.key }]);
  });

  it("asks for what is too large to be sent on the way where it lies", () => {
    const node = coreOf("a b c", "z");
    const effects = node.step({ kind: "work", manifest, root: true, isNew: true });
    const [pull] = effects.filter((effect) => effect.kind === "pull");
    if (pull === undefined) throw new Error("the root's children are pulled");
    const finished = [
      { vertex: vertexOf("r0.0.0"), node: nodeId("b"), bytes: 1e9, groups: 1e6, basis: "one" },
      { vertex: vertexOf("r0.0.1"), node: nodeId("z"), bytes: 1e9, groups: 1e6, basis: "two" },
    ];
    node.step({ kind: "pull-placed", pull: pull.pull, finished, isFound: false });
    node.values.add(keyOf("r0.0.1"));
    const previewed = node.preview("r0.2.0");
    expect(asksOf(previewed)).toContainEqual(expect.objectContaining({ from: "b", vertex: vertexOf("r0.0.0") }));
    const [ready] = readyOf(node.at(1000));
    expect(ready).toMatchObject({ keys: [keyOf("r0.0.1")], doneBytes: MIB });
  });

  it("ends with the one who asked", () => {
    const node = coreOf("a b");
    const [ask] = asksOf(node.preview("r0.2.0", "b"));
    const effects = node.step({ kind: "preview-gone", asker: 1 });
    expect(effects).toEqual([{ kind: "cancel-pull", pull: ask?.pull }]);
    expect(readyOf(node.at(5000))).toEqual([]);
  });
});
