import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { Placement } from "../../../src/cluster/placement/placement.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import type { PulledWant, ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import { partBitsFor } from "../../../src/cluster/reduction/root-parts.js";
import { keyOfWant } from "../../../src/cluster/reduction/vertex-want.js";
import { type FinishedVertex, hashParts } from "../../../src/job/hash-part.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { vertexName } from "../../../src/job/tree.js";
import { manifestOf, memberOf, viewOf } from "./cluster-cores.js";
import { coreOf, type Effect, FINISH, keyOf, of, vertexNamed } from "./reduction-node.js";

const MIB = 1024 * 1024;
const PART_BYTES = protocolWith().partBytes;

const finishedAt = (node: string, name: string, bytes = PART_BYTES, basis = `basis of ${name}`): FinishedVertex => ({
  vertex: vertexNamed(name),
  node: nodeId(node),
  bytes,
  groups: 100,
  basis,
});

/** A root at `a` over two files of one span each, and its pulls. */
function rootAt(view: string, manifest = manifestOf([1, 1])) {
  const node = coreOf(viewOf("a", view), { isParted: true });
  const all: ReductionEffect[] = [];
  const take = (effects: readonly ReductionEffect[]): readonly ReductionEffect[] => {
    all.push(...effects);
    return effects;
  };
  const open = (kind: PulledWant["kind"]): readonly Effect<"pull">[] =>
    of(all, "pull").filter(({ want }) => want.kind === kind);
  const placed = (pull: Effect<"pull">, finished: readonly FinishedVertex[]) =>
    take(node.step({ kind: "pull-placed", pull: pull.pull, finished, isFound: false }));
  return { node, manifest, all, take, open, placed };
}

/** Answers each span that is pulled with its place, and computes those that are this node's. */
function placeAll({ node, manifest, take, open, placed }: ReturnType<typeof rootAt>, bytes = 4 * PART_BYTES): void {
  const effects = take(node.work(manifest));
  for (const { key } of of(effects, "scan")) {
    node.sizes.set(key, { bytes, groups: 100, basis: `basis of ${key}` });
    node.values.add(key);
    take(node.done(key));
  }
  for (const pull of [...open("value")]) placed(pull, [finishedAt(pull.from, vertexName(pull.vertex), bytes)]);
}

/** A manifest whose spans are none of `a`'s. */
function elsewhere(view: string): Manifest {
  for (let key = 0; ; key += 1) {
    const manifest = manifestOf([1, 1], { key: `job ${key}` });
    const spans = new Placement(manifest, viewOf("a", view)).spansOwnedBy(nodeId("a"));
    if (spans.length === 0) return manifest;
  }
}

describe("How many parts there are", () => {
  it.each([
    [[], 0],
    [[PART_BYTES], 0],
    [[PART_BYTES, 1], 1],
    [[5 * PART_BYTES, 5 * PART_BYTES], 4],
    [[1e15], 10],
  ])("follows from the sizes %o: 2^%i", (sizes, bits) => {
    const finished = sizes.map((bytes) => finishedAt("a", "r0.0.0", bytes));
    expect(partBitsFor(finished, { partBytes: PART_BYTES })).toBe(bits);
  });

  it("is less where there are very many partials to cut", () => {
    const finished = Array.from({ length: 2048 }, () => finishedAt("a", "r0.0.0", PART_BYTES));
    expect(partBitsFor(finished, { partBytes: PART_BYTES })).toBe(1);
  });
});

describe("The owners of parts", () => {
  it.each([2, 3, 5, 8, 13])("are given no more than their share by %i equal members", (count) => {
    const names = Array.from({ length: count }, (_, index) => `n${index}`);
    const placement = new Placement(manifestOf([1]), viewOf("n0", names.join(" ")));
    const owned = new Map<string, number>();
    for (const part of hashParts(5)) {
      const candidates = placement.candidatesOfPart(part);
      expect([...candidates].sort()).toEqual([...names].sort());
      const owner = candidates[0] ?? "";
      owned.set(owner, (owned.get(owner) ?? 0) + 1);
    }
    expect(Math.max(...owned.values())).toBeLessThanOrEqual(Math.ceil(32 / count));
  });

  it("are those of the same share by threads, and never the suspect", () => {
    const members = [{ ...memberOf("a"), threads: 3 }, memberOf("b"), memberOf("c", "suspect")];
    const placement = new Placement(manifestOf([1]), { self: nodeId("a"), members });
    const owners = hashParts(3).map((part) => placement.candidatesOfPart(part)[0]);
    expect(owners.filter((owner) => owner === "a")).toHaveLength(6);
    expect(owners.filter((owner) => owner === "b")).toHaveLength(2);
  });
});

describe("A root of which a child is too large to be sent", () => {
  it("is merged from parts by all members, each of slices of the same partials", () => {
    const root = rootAt("a b c", elsewhere("a b c"));
    placeAll(root);
    expect(of(root.all, "merge")).toEqual([]);
    const parts = root.open("part");
    expect(parts.length).toBeGreaterThan(2);
    expect(new Set(parts.map(({ from }) => from)).size).toBe(2);
    for (const { want } of parts) {
      if (want.kind !== "part") throw new Error("a part was asked for");
      expect(want.finished.map(({ vertex }) => vertexName(vertex))).toEqual(["r0.0.0", "r1.0.0"]);
    }
  });

  it("is ready once every part is here, and counts each once", () => {
    const root = rootAt("a b c", elsewhere("a b c"));
    placeAll(root);
    for (const { pull } of root.open("part")) root.take(root.node.step({ kind: "pull-done", pull, isFound: false }));
    expect(of(root.all, "parts-ready")).toEqual([]);
    // What is left is this node's own: its slices come from the others.
    for (const { pull } of [...root.open("slice")]) {
      root.take(root.node.step({ kind: "pull-done", pull, isFound: false }));
    }
    const own = of(root.all, "merge");
    expect(own.length).toBeGreaterThan(0);
    for (const merge of own) {
      expect(merge.isPart).toBe(true);
      root.take(root.node.done(merge.key));
    }
    const [ready, ...others] = of(root.all, "parts-ready");
    expect(others).toEqual([]);
    expect(new Set(ready?.parts).size).toBe(hashParts(3).length);
    expect(ready?.key).not.toBe(keyOf(root.manifest, "f1.0"));
  });

  it("is fetched whole where all of it is one part", () => {
    const root = rootAt("a b c", elsewhere("a b c"));
    placeAll(root, PART_BYTES / 4);
    expect(root.open("part")).toEqual([]);
    const whole = root.open("value").filter(({ want }) => want.kind === "value" && want.inlineBytes === undefined);
    expect(whole.map(({ vertex }) => vertexName(vertex)).sort()).toEqual(["r0.0.0", "r1.0.0"]);
  });

  it("begins anew when nobody can give a part, and then does without parts", () => {
    const root = rootAt("a b", elsewhere("a b"));
    let nowMs = 0;
    const refuseParts = (): void => {
      const asked = root.open("value").length;
      for (let round = 0; round < 60 && root.open("value").length === asked; round += 1) {
        for (const { pull } of [...root.open("part"), ...root.open("slice")]) {
          root.take(root.node.step({ kind: "pull-failed", pull, failure: "failed", detail: "another basis" }));
        }
        for (const { key } of of(root.all, "scan")) {
          root.take(root.node.step({ kind: "task-failed", key, failure: "failed", detail: "no memory" }));
        }
        nowMs += 10_000;
        root.take(root.node.at(nowMs));
      }
    };
    placeAll(root);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      refuseParts();
      for (const pull of root.open("value").slice(-2)) {
        root.placed(pull, [finishedAt(pull.from, vertexName(pull.vertex), 4 * PART_BYTES)]);
      }
    }
    const last = root.open("value").slice(-2);
    for (const { want } of last) expect(want).toEqual({ kind: "value" });
    for (const { pull } of last) root.take(root.node.step({ kind: "pull-done", pull, isFound: false }));
    expect(of(root.all, "merge").at(-1)).toMatchObject({ key: keyOf(root.manifest, "f1.0"), isPart: false });
  });

  it("is not computed again when its answer is there", () => {
    const manifest = manifestOf([1, 1]);
    const root = rootAt("a b", manifest);
    const key = keyOfWant(keyOf(manifest, "f1.0"), { kind: "answer", finish: FINISH });
    root.node.values.add(key);
    expect(of(root.take(root.node.work(manifest)), "root-ready")).toMatchObject([{ key }]);
    expect(of(root.all, "pull")).toEqual([]);
  });
});

describe("A node that is pulled from", () => {
  const manifest = manifestOf([2]);
  const inline: PulledWant = { kind: "value", inlineBytes: MIB };
  const serving = (bytes: number) => {
    const node = coreOf(viewOf("a", "a b"), { isParted: true });
    const key = keyOf(manifest, "r0.0.0");
    node.work(manifest, false);
    node.values.add(key);
    node.sizes.set(key, { bytes, groups: 10, basis: "one" });
    const pulled = (want: PulledWant) =>
      node.step({ kind: "pulled", puller: 1, manifest, vertex: vertexNamed("r0.0.0"), want });
    return { node, key, pulled };
  };

  it("sends a small partial, and says where a large one lies, which it keeps in memory until the job rests", () => {
    expect(of(serving(MIB).pulled(inline), "serve")).toHaveLength(1);
    const { node, key, pulled } = serving(MIB + 1);
    const effects = pulled(inline);
    expect(of(effects, "serve-places")).toMatchObject([{ finished: [{ node: "a", basis: "one", bytes: MIB + 1 }] }]);
    expect(of(effects, "lend")).toEqual([{ kind: "lend", key }]);
    expect(of(effects, "forget")).toEqual([]);
    expect(of(node.step({ kind: "rest", jobId: manifest.jobId }), "forget")).toContainEqual({ kind: "forget", key });
  });

  it("cuts slices from the partial that was placed, and from no other", () => {
    const part = { bits: 2, prefix: 3 };
    const { pulled } = serving(MIB);
    expect(of(pulled({ kind: "slice", part, basis: "one" }), "serve")).toMatchObject([{ want: { part } }]);
    const refused = of(pulled({ kind: "slice", part, basis: "another" }), "refuse");
    expect(refused).toMatchObject([{ failure: "failed", detail: expect.stringContaining("r0.0.0") }]);
  });

  it("scans a span of which a slice is wanted, once for all who want one", () => {
    const node = coreOf(viewOf("a", "a b"), { isParted: true });
    const vertex = vertexNamed("r0.0.1");
    const key = keyOf(manifest, "r0.0.1");
    const scans = [0, 1].flatMap((prefix) => {
      const want: PulledWant = { kind: "slice", part: { bits: 1, prefix }, basis: "one" };
      return of(node.step({ kind: "pulled", puller: prefix, manifest, vertex, want }), "scan");
    });
    expect(scans).toHaveLength(1);
    node.sizes.set(key, { bytes: 10, groups: 1, basis: "one" });
    expect(of(node.done(key), "serve").map(({ puller }) => puller)).toEqual([0, 1]);
  });

  it("sends what lacks something whole, however large: slices would not say what they lack", () => {
    const node = coreOf(viewOf("a", "a b"), { isParted: true });
    node.values.add(keyOf(manifest, "r0.0.0"));
    const vertex = vertexNamed("r0.0.0");
    expect(of(node.step({ kind: "pulled", puller: 1, manifest, vertex, want: inline }), "serve")).toHaveLength(1);
  });
});
