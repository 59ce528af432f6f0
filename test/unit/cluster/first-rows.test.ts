import { describe, expect, it } from "vitest";
import type { VertexKey } from "../../../src/base/ids.js";
import { FirstRows } from "../../../src/cluster/reduction/first-rows.js";
import { JobContext } from "../../../src/cluster/reduction/job-context.js";
import type { ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import { VertexFetch } from "../../../src/cluster/reduction/vertex-fetch.js";
import { keyOfWant } from "../../../src/cluster/reduction/vertex-want.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { spansOf } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, of } from "./reduction-node.js";

const fetchesOf = (manifest: Manifest): readonly VertexFetch[] => {
  const context = new JobContext(manifest);
  return spansOf(context.shape, context.root).map((span) => new VertexFetch(context, span, undefined));
};

const keysOf = (manifest: Manifest): readonly VertexKey[] => fetchesOf(manifest).map(({ key }) => key);

/** A node alone with a job of so many spans that shows the first five rows. */
function alone(spans: number) {
  const node = coreOf(viewOf("a", "a"), { firstRows: 5 });
  const manifest = manifestOf([spans]);
  const end = (key: VertexKey, rows: number): readonly ReductionEffect[] => {
    node.sizes.set(key, { bytes: 1, groups: rows, basis: key });
    node.values.add(key);
    return node.done(key);
  };
  return { node, manifest, keys: keysOf(manifest), end };
}

describe("The spans that the first rows need", () => {
  it("are the fewest from the front whose rows suffice, in whichever order they were done", () => {
    const rowsOf = [2, 0, 2, 1, 9, 9];
    for (let first = 0; first < rowsOf.length; first += 1) {
      const spans = fetchesOf(manifestOf([rowsOf.length]));
      const rows = new Map(spans.map(({ key }, index) => [key, rowsOf[index] ?? 0]));
      const firstRows = new FirstRows(5);
      const needed = spans.map((_, step) => {
        const span = spans[(first + step) % spans.length];
        if (span !== undefined) span.isDone = true;
        return firstRows.needed(spans, (key) => rows.get(key) ?? 0);
      });
      expect(needed.findLast((count) => count === undefined || count > 0)).toBe(4);
      expect(needed.filter((count) => count !== undefined && count !== 4)).toEqual([]);
    }
  });

  it("are all of them where the rows do not suffice, and none where no row is asked for", () => {
    const spans = fetchesOf(manifestOf([3]));
    expect(new FirstRows(0).needed(spans, () => 1)).toBe(0);
    const firstRows = new FirstRows(9);
    for (const span of spans) {
      expect(firstRows.needed(spans, () => 1)).toBeUndefined();
      span.isDone = true;
    }
    expect(firstRows.needed(spans, () => 1)).toBe(3);
  });

  it("are asked for a few at a time, and more as they come without enough", () => {
    const spans = fetchesOf(manifestOf([16, 16]));
    const firstRows = new FirstRows(5);
    const asked = (): number => spans.filter(({ isDone }) => isDone).length + firstRows.wanted(spans).length;
    expect(asked()).toBe(4);
    for (const span of spans.slice(0, 4)) span.isDone = true;
    expect(asked()).toBe(12);
    for (const span of spans) span.isDone = true;
    expect(firstRows.wanted(spans)).toEqual([]);
  });
});

describe("A root that shows the first rows", () => {
  it("scans the first spans alone, and merges what it needs of them", () => {
    const { node, manifest, keys, end } = alone(32);
    expect(of(node.work(manifest), "scan").map(({ key }) => key)).toEqual(keys.slice(0, 4));
    expect(of(end(keys[1] ?? ("" as VertexKey), 3), "merge")).toEqual([]);
    const effects = end(keys[0] ?? ("" as VertexKey), 2);
    expect(of(effects, "merge")).toMatchObject([{ children: keys.slice(0, 2), isPart: false }]);
    expect(of(effects, "cancel-task").map(({ key }) => key)).toEqual(expect.arrayContaining(keys.slice(2, 4)));
    const [merge] = of(effects, "merge");
    if (merge === undefined) throw new Error("nothing is merged");
    const { root } = new JobContext(manifest);
    expect(merge.key).toBe(keyOfWant(new JobContext(manifest).keyOf(root), { kind: "first", rows: 5 }));
    const ended = node.done(merge.key);
    expect(of(ended, "root-ready")).toMatchObject([{ key: merge.key }]);
    expect(of(ended, "keep")).toEqual([]);
  });

  it("goes on to the last span while there are too few rows", () => {
    const { node, manifest, keys, end } = alone(9);
    node.work(manifest);
    const merges = keys.flatMap((key) => of(end(key, 0), "merge"));
    expect(merges).toMatchObject([{ children: keys }]);
  });

  it("counts anew where the store has lost a span", () => {
    const { node, manifest, keys, end } = alone(8);
    node.work(manifest);
    const [first, second] = keys;
    if (first === undefined || second === undefined) throw new Error("there are eight spans");
    end(first, 2);
    const [merge] = of(end(second, 3), "merge");
    if (merge === undefined) throw new Error("nothing is merged");
    node.values.delete(second);
    const effects = node.step({ kind: "children-lost", key: merge.key, children: [second] });
    expect(of(effects, "scan").map(({ key }) => key)).toEqual([second]);
    expect(of(end(second, 3), "merge")).toMatchObject([{ children: [first, second] }]);
  });

  it("is asked for nothing unasked: spans that a node owns wait until somebody wants them", () => {
    const scansOf = (node: ReturnType<typeof coreOf>) => of(node.work(manifestOf([16]), false), "scan");
    expect(scansOf(coreOf(viewOf("a", "a b c"), { firstRows: 5 }))).toEqual([]);
    expect(scansOf(coreOf(viewOf("a", "a b c")))).not.toEqual([]);
  });
});
