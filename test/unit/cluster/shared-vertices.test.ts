import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { Placement } from "../../../src/cluster/placement/placement.js";
import type { PulledWant, ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { jobIdOf } from "../../../src/job/request.js";
import { type Vertex, vertexName } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, type Effect, keyOf, of, vertexNamed } from "./reduction-node.js";

const INLINE_BYTES = 1000;
const LARGE = { bytes: INLINE_BYTES + 1, groups: 10, basis: "one" };
const INLINE: PulledWant = { kind: "value", inlineBytes: INLINE_BYTES };

/** The same job over all files but the first: every file that is left has another number. */
const withoutFirstFile = (manifest: Manifest): Manifest => ({
  ...manifest,
  jobId: jobIdOf("fewer files"),
  clientKey: "fewer files",
  files: manifest.files.slice(1),
});

const namesOf = ({ finished }: Effect<"serve-places">): readonly string[] =>
  finished.map(({ vertex }) => vertexName(vertex));

describe("A vertex that two jobs have, each by a name of its own", () => {
  const both = manifestOf([1, 2]);
  const second = withoutFirstFile(both);
  const above = { inBoth: "r1.1.0", inSecond: "r0.1.0" };
  const pull = (node: ReturnType<typeof coreOf>, puller: number, manifest: Manifest, name: string) =>
    node.step({ kind: "pulled", puller, manifest, vertex: vertexNamed(name), want: INLINE });

  it("is scanned once, and is too large for either under the name that it has there", () => {
    const node = coreOf(viewOf("a", "a b"), { isParted: true });
    const key = keyOf(both, "r1.0.0");
    expect(keyOf(second, "r0.0.0")).toBe(key);
    const scans = [...pull(node, 1, both, "r1.0.0"), ...pull(node, 2, second, "r0.0.0")];
    expect(of(scans, "scan")).toHaveLength(1);
    node.sizes.set(key, LARGE);
    const told = of(node.done(key), "serve-places");
    expect(told.map((places) => [places.puller, ...namesOf(places)])).toEqual([
      [1, "r1.0.0"],
      [2, "r0.0.0"],
    ]);
  });

  it("is served as part of the very job that asks", () => {
    const node = coreOf(viewOf("a", "a b"));
    node.pulled(both, "r1.0.0", 1);
    node.pulled(second, "r0.0.0", 2);
    const served = of(node.done(keyOf(both, "r1.0.0")), "serve");
    expect(served.map(({ puller, manifest, vertex }) => [puller, manifest.clientKey, vertexName(vertex)])).toEqual([
      [1, both.clientKey, "r1.0.0"],
      [2, second.clientKey, "r0.0.0"],
    ]);
  });

  it("is not told by names of what it is made of to the one who has others, who gets it whole", () => {
    // The spans are the other node's, and too large to be sent.
    const node = coreOf(viewOf("a", "b"), { isParted: true });
    const effects: ReductionEffect[] = [...pull(node, 1, both, above.inBoth), ...pull(node, 2, second, above.inSecond)];
    const place = ({ pull: number, vertex }: { pull: number; vertex: Vertex }): void => {
      const finished = [{ ...LARGE, vertex, node: nodeId("b") }];
      effects.push(...node.step({ kind: "pull-placed", pull: number, finished, isFound: false }));
    };
    const asked = of(effects, "pull");
    expect(asked.map(({ vertex }) => vertexName(vertex))).toEqual(["r1.0.0", "r1.0.1"]);
    for (const each of asked) place(each);
    const told = of(effects, "serve-places");
    expect(told.map((places) => [places.puller, ...namesOf(places)])).toEqual([[1, "r1.0.0", "r1.0.1"]]);

    const whole = of(effects, "pull").slice(asked.length);
    expect(whole.map(({ vertex, want }) => [vertexName(vertex), want])).toEqual([
      ["r1.0.0", { kind: "value" }],
      ["r1.0.1", { kind: "value" }],
    ]);
    for (const { pull: number } of whole) {
      effects.push(...node.step({ kind: "pull-done", pull: number, isFound: false }));
    }
    const [merge] = of(effects, "merge");
    expect(merge?.key).toBe(keyOf(second, above.inSecond));
    const served = of(node.done(keyOf(second, above.inSecond)), "serve");
    expect(served.map(({ puller, vertex }) => [puller, vertexName(vertex)])).toEqual([[2, above.inSecond]]);
  });
});

describe("A vertex that another manifest of the same job has under the same name", () => {
  it("is told by its places to those of the manifest alone that it is computed for", () => {
    const one = manifestOf([1, 2]);
    const other = { ...one, nowMs: one.nowMs + 1 };
    const node = coreOf(viewOf("a", "b"), { isParted: true });
    expect(new Placement(one, viewOf("a", "b")).spansOwnedBy(nodeId("a"))).toEqual([]);
    const effects: ReductionEffect[] = [];
    for (const [puller, manifest] of [one, other].entries()) {
      const vertex = vertexNamed("r1.1.0");
      effects.push(...node.step({ kind: "pulled", puller, manifest, vertex, want: INLINE }));
    }
    for (const { pull, vertex } of of(effects, "pull")) {
      const finished = [{ ...LARGE, vertex, node: nodeId("b") }];
      effects.push(...node.step({ kind: "pull-placed", pull, finished, isFound: false }));
    }
    expect(of(effects, "serve-places").map(({ puller }) => puller)).toEqual([0]);
  });
});
