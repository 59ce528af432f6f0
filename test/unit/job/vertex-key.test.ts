import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.js";
import { nodeId, type VertexKey } from "../../../src/base/ids.js";
import { type Manifest, type ManifestFile, SEMANTICS_VERSION, treeShapeOf } from "../../../src/job/manifest.js";
import { jobIdOf } from "../../../src/job/request.js";
import {
  childrenOf,
  LEAF_BYTES,
  type RangeVertex,
  rootOf,
  type SpanLevel,
  type Vertex,
} from "../../../src/job/tree.js";
import { samplePagesOf, spanDigestsOf, VertexKeys } from "../../../src/job/vertex-key.js";

const pagesOf = (bytes: number, seed: string): Uint8Array[] =>
  samplePagesOf(bytes).map((_, leaf) => new TextEncoder().encode(`${seed} ${leaf}`));

function fileOf(
  bytes: number,
  spanLevel: SpanLevel,
  change: Partial<ManifestFile> & { seed?: string } = {},
): ManifestFile {
  const { seed = "a", ...rest } = change;
  return {
    source: "web",
    path: "access.log",
    node: null,
    format: "combined",
    size: bytes,
    scanSize: bytes,
    sealedSize: bytes,
    mtimeMs: 1000,
    spanDigests: spanDigestsOf(pagesOf(bytes, seed), spanLevel, bytes),
    ...rest,
  };
}

function keysOf(
  files: readonly ManifestFile[],
  spanLevel: SpanLevel,
  plan = "plan",
): { keys: VertexKeys; manifest: Manifest } {
  const manifest: Manifest = {
    jobId: jobIdOf("key"),
    clientKey: "key",
    request: { sql: "", allowIncomplete: false, deadlineMs: 1, maxResultBytes: 1 },
    semanticsVersion: SEMANTICS_VERSION,
    nowMs: 0,
    planner: nodeId("n"),
    planDigest: digestOf(plan),
    spanLevel,
    files,
  };
  return { keys: new VertexKeys(manifest), manifest };
}

const LEAVES: SpanLevel = { kind: "range", level: 0 };
const SIXTEEN: SpanLevel = { kind: "range", level: 1 };
const bytes = 40 * LEAF_BYTES + 17;
const sixteen = (index: number): RangeVertex => ({ kind: "range", file: 0, level: 1, index });

describe("the key of a vertex", () => {
  test("does not depend on the span level of the job that asks", () => {
    const fine = keysOf([fileOf(bytes, LEAVES)], LEAVES).keys;
    const coarse = keysOf([fileOf(bytes, SIXTEEN)], SIXTEEN).keys;
    for (const vertex of [
      sixteen(0),
      sixteen(1),
      sixteen(2),
      { kind: "range", file: 0, level: 2, index: 0 } as const,
    ]) {
      expect(fine.keyOf(vertex)).toBe(coarse.keyOf(vertex));
    }
  });

  test("differs between any two vertices of a job", () => {
    const { keys, manifest } = keysOf([fileOf(bytes, LEAVES), fileOf(bytes, LEAVES, { path: "other.log" })], LEAVES);
    const shape = treeShapeOf(manifest);
    const names = new Set<string>();
    let count = 0;
    const visit = (vertex: Vertex): void => {
      count += 1;
      names.add(keys.keyOf(vertex));
      for (const child of childrenOf(shape, vertex)) visit(child);
    };
    visit(rootOf(shape));
    expect(names.size).toBe(count);
  });

  test("of what lies below a span is its own, and changes with the span's pages", () => {
    const below = (keys: VertexKeys): readonly VertexKey[] =>
      Array.from({ length: 41 }, (_, index) => keys.keyOf({ kind: "range", file: 0, level: 0, index }));
    const keys = below(keysOf([fileOf(bytes, SIXTEEN)], SIXTEEN).keys);
    expect(new Set(keys).size).toBe(41);
    const others = below(keysOf([fileOf(bytes, SIXTEEN, { seed: "b" })], SIXTEEN).keys);
    expect(others.filter((key) => keys.includes(key))).toEqual([]);
  });

  test.each([
    ["another plan", {}, "other plan"],
    ["another path", { path: "b.log" }, "plan"],
    ["another source", { source: "api" }, "plan"],
    ["the node of a private file", { node: nodeId("n1") }, "plan"],
    ["another format", { format: "common" }, "plan"],
    ["other pages", { seed: "b" }, "plan"],
  ] as const)("changes with %s", (_, change, plan) => {
    const before = keysOf([fileOf(bytes, SIXTEEN)], SIXTEEN).keys.keyOf(sixteen(0));
    expect(keysOf([fileOf(bytes, SIXTEEN, change)], SIXTEEN, plan).keys.keyOf(sixteen(0))).not.toBe(before);
  });

  test("of a sealed range survives growth and a new mtime, that of the open tail does not", () => {
    const grown = bytes + 3 * LEAF_BYTES;
    const before = keysOf([fileOf(bytes, SIXTEEN)], SIXTEEN).keys;
    const after = keysOf([fileOf(grown, SIXTEEN, { mtimeMs: 2000 })], SIXTEEN).keys;
    expect(after.keyOf(sixteen(0))).toBe(before.keyOf(sixteen(0)));
    expect(after.keyOf(sixteen(1))).toBe(before.keyOf(sixteen(1)));
    expect(after.keyOf(sixteen(2))).not.toBe(before.keyOf(sixteen(2)));
    const touched = keysOf([fileOf(bytes, SIXTEEN, { mtimeMs: 2000 })], SIXTEEN).keys;
    expect(touched.keyOf(sixteen(1))).toBe(before.keyOf(sixteen(1)));
    expect(touched.keyOf(sixteen(2))).not.toBe(before.keyOf(sixteen(2)));
  });
});
