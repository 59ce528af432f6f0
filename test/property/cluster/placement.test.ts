import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NodeId, nodeId } from "../../../src/base/ids.js";
import { ringHash } from "../../../src/base/ring-hash.js";
import type { Member, View } from "../../../src/cluster/member.js";
import { LOAD_BOUND, Placement } from "../../../src/cluster/placement/placement.js";
import { buildRing } from "../../../src/cluster/placement/ring.js";
import { rootRanks, successorsOf } from "../../../src/cluster/placement/successors.js";
import { type Manifest, SEMANTICS_VERSION, treeShapeOf } from "../../../src/job/manifest.js";
import { DEFAULT_MAX_RESULT_BYTES, jobIdOf } from "../../../src/job/request.js";
import { bytesOf, childrenOf, LEAF_BYTES, rootOf, spansOf, type Vertex, vertexName } from "../../../src/job/tree.js";
import { toyManifest } from "../../sim/toy-engine.js";

const member = (id: string, threads = 2, sources = ["web"], state: Member["state"] = "alive"): Member => ({
  id: nodeId(id),
  name: id,
  incarnation: 1,
  listen: "",
  grpc: "",
  http: "",
  threads,
  zone: "",
  sources: sources.map((name) => ({ name, shared: true })),
  protocolVersion: 1,
  semanticsVersion: SEMANTICS_VERSION,
  state,
});

const viewOf = (members: readonly Member[], self = "m0"): View => ({
  self: nodeId(self),
  members: [...members].sort((left, right) => (left.id < right.id ? -1 : 1)),
});

const manifestOf = (leaves: readonly number[], node: NodeId | null = null): Manifest =>
  toyManifest(
    leaves.map((count, index) => ({ source: "web", path: `f${index}`, node, sizeBytes: count * LEAF_BYTES })),
    {
      jobId: jobIdOf("k"),
      clientKey: "k",
      request: { sql: "", allowIncomplete: false, deadlineMs: 1, maxResultBytes: DEFAULT_MAX_RESULT_BYTES },
      planner: nodeId("m0"),
    },
    { kind: "range", level: 0 },
    0,
  );

const allSpans = (manifest: Manifest): readonly Vertex[] => {
  const shape = treeShapeOf(manifest);
  return spansOf(shape, rootOf(shape));
};

const clusters = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 8,
    selector: ([id]) => id,
  })
  .map((entries) => entries.map(([id, threads]) => member(`m${id}`, threads)));

const fileLeaves = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

describe("The ring", () => {
  it("gives each member about its weighted share of a hundred thousand places", () => {
    const members = [member("a", 1), member("b", 1), member("c", 2), member("d", 4)];
    const ring = buildRing(members);
    const shares = new Map<NodeId, number>();
    const places = 100_000;
    for (let place = 0; place < places; place += 1) {
      const [owner] = ring.orderFrom(ringHash(`place ${place}`));
      if (owner !== undefined) shares.set(owner, (shares.get(owner) ?? 0) + 1);
    }
    for (const { id, threads } of members) {
      const share = (shares.get(id) ?? 0) / ((places * threads) / 8);
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(1.3);
    }
  });

  it("moves places only to a member that joins, and only from one that leaves", () => {
    fc.assert(
      fc.property(clusters, fc.array(fc.string(), { minLength: 1, maxLength: 50 }), (members, places) => {
        const before = buildRing(members);
        const newcomer = member("newcomer", 3);
        const after = buildRing([...members, newcomer]);
        for (const place of places) {
          const [old] = before.orderFrom(ringHash(place));
          const [owner] = after.orderFrom(ringHash(place));
          expect([old, newcomer.id]).toContain(owner);
          expect(after.orderFrom(ringHash(place)).filter((id) => id !== newcomer.id)).toEqual(
            before.orderFrom(ringHash(place)),
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("A walk along the ring", () => {
  it("finds the first member of the ring order that is wanted, and none where none is", () => {
    fc.assert(
      fc.property(clusters, fc.string(), fc.uniqueArray(fc.nat(7)), (members, place, indices) => {
        const ring = buildRing(members);
        const order = ring.orderFrom(ringHash(place));
        expect([...order].sort()).toEqual([...ring.members].sort());
        const wanted = new Set(indices.map((index) => members[index]?.id));
        const isWanted = (id: NodeId): boolean => wanted.has(id);
        expect(ring.firstFrom(ringHash(place), isWanted)).toBe(order.find(isWanted));
      }),
      { numRuns: 100 },
    );
  });
});

describe("Placement", () => {
  it("is the same for equal views, whoever looks and in whatever order they were learned", () => {
    fc.assert(
      fc.property(clusters, fileLeaves, (members, leaves) => {
        const manifest = manifestOf(leaves);
        const one = new Placement(manifest, viewOf(members, "x"));
        const other = new Placement(manifest, viewOf([...members].reverse(), "y"));
        for (const span of allSpans(manifest)) {
          expect(one.ownerOf(span)).toBe(other.ownerOf(span));
          expect(one.candidatesOf(span)).toEqual(other.candidatesOf(span));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("gives every span one owner, and no member more than its bounded share in whole spans", () => {
    fc.assert(
      fc.property(clusters, fileLeaves, (members, leaves) => {
        const manifest = manifestOf(leaves);
        const shape = treeShapeOf(manifest);
        const placement = new Placement(manifest, viewOf(members));
        const loads = new Map<NodeId, number>();
        for (const span of allSpans(manifest)) {
          const owner = placement.ownerOf(span);
          expect(owner).toBeDefined();
          if (owner !== undefined) loads.set(owner, (loads.get(owner) ?? 0) + bytesOf(shape, span));
        }
        const total = bytesOf(shape, rootOf(shape));
        const weights = members.reduce((sum, { threads }) => sum + threads, 0);
        for (const { id, threads } of members) {
          const spans = Math.ceil((LOAD_BOUND * total * threads) / weights / LEAF_BYTES - 1e-9);
          expect(loads.get(id) ?? 0).toBeLessThanOrEqual(spans * LEAF_BYTES);
        }
        const owned = members.flatMap(({ id }) => placement.spansOwnedBy(id).map(vertexName));
        expect(owned.sort()).toEqual(allSpans(manifest).map(vertexName).sort());
      }),
      { numRuns: 50 },
    );
  });

  it.each([3, 5, 9])(
    "gives each of %i members about its share, and moves little more than that when one comes",
    (size) => {
      const manifest = manifestOf([200, 200, 200]);
      const spans = allSpans(manifest);
      const members = Array.from({ length: size }, (_, index) => member(`node-${index}`));
      const before = new Placement(manifest, viewOf(members));
      const after = new Placement(manifest, viewOf([...members, member("newcomer")]));
      for (const { id } of members) {
        const share = before.spansOwnedBy(id).length / (spans.length / size);
        expect(share).toBeGreaterThan(0.6);
        expect(share).toBeLessThanOrEqual(LOAD_BOUND + size / spans.length);
      }
      const moved = spans.filter((span) => before.ownerOf(span) !== after.ownerOf(span));
      const aside = moved.filter((span) => after.ownerOf(span) !== "newcomer");
      // Who has room again takes some back that the bound had sent elsewhere.
      expect(moved.length).toBeLessThan((2 * spans.length) / (size + 1));
      expect(aside.length).toBeLessThan(spans.length / (size + 1));
    },
  );

  it("gives spans to members by their threads", () => {
    const manifest = manifestOf([500]);
    const placement = new Placement(manifest, viewOf([member("small", 1), member("large", 4)]));
    const share = placement.spansOwnedBy(nodeId("large")).length / 500;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThanOrEqual(1);
  });

  it("asks only holders for a span: those that offer the shared source, or a private file's node", () => {
    const members = [member("m0"), member("m1", 2, ["other"]), member("m2"), member("m3", 2, ["web"], "dead")];
    const shared = manifestOf([3]);
    for (const span of allSpans(shared)) {
      expect([...new Placement(shared, viewOf(members)).candidatesOf(span)].sort()).toEqual(["m0", "m2"]);
    }
    const own = manifestOf([3], nodeId("m1"));
    for (const span of allSpans(own)) {
      expect(new Placement(own, viewOf(members)).candidatesOf(span)).toEqual(["m1"]);
    }
    const lost = new Placement(manifestOf([3], nodeId("m3")), viewOf(members));
    expect(lost.unreadableFiles()).toEqual([0]);
    expect(lost.candidatesOf({ kind: "range", file: 0, level: 0, index: 0 })).toEqual([]);
  });

  it.each([
    ["suspects", member("m0", 2, ["web"], "suspect")],
    ["nodes that say they are slow", { ...member("m0"), demoted: true }],
  ])("asks %s after everyone else, and gives them nothing that others can read", (_who, doubtful) => {
    const members = [doubtful, member("m1"), member("m2")];
    const manifest = manifestOf([8, 8]);
    const placement = new Placement(manifest, viewOf(members));
    for (const span of allSpans(manifest)) {
      expect(placement.candidatesOf(span).at(-1)).toBe("m0");
      expect(placement.ownerOf(span)).not.toBe("m0");
    }
  });

  it("gives work to members of the manifest's semantics version alone, and asks nobody else", () => {
    const manifest = manifestOf([8, 8]);
    const other = { ...member("m0"), semanticsVersion: SEMANTICS_VERSION + 1 };
    const placement = new Placement(manifest, viewOf([other, member("m1"), member("m2")]));
    const shape = treeShapeOf(manifest);
    for (const vertex of [...allSpans(manifest), rootOf(shape)]) {
      expect([...placement.candidatesOf(vertex)].sort()).toEqual(["m1", "m2"]);
    }
    expect(new Placement(manifest, viewOf([other])).unreadableFiles()).toEqual([0, 1]);
  });

  it("prefers the owner of a vertex's first child", () => {
    const manifest = manifestOf([30, 30, 5]);
    const shape = treeShapeOf(manifest);
    const placement = new Placement(manifest, viewOf([member("m0"), member("m1"), member("m2")]));
    const [file] = childrenOf(shape, rootOf(shape));
    if (file === undefined) throw new Error("the root has children");
    const [firstSpan] = spansOf(shape, file);
    if (firstSpan === undefined) throw new Error("a file has spans");
    expect(placement.candidatesOf(file)[0]).toBe(placement.ownerOf(firstSpan));
  });
});

describe("Successors", () => {
  it("are alive, distinct, and the first of the root's ranks", () => {
    const members = [
      member("m0"),
      member("m1"),
      member("m2", 2, [], "dead"),
      member("m3", 2, [], "suspect"),
      member("m4"),
    ];
    const id = jobIdOf("some job");
    const ranks = rootRanks(id, viewOf(members));
    expect([...ranks].sort()).toEqual(["m0", "m1", "m4"]);
    expect(successorsOf(id, viewOf(members), 2)).toEqual(ranks.slice(0, 2));
    expect(successorsOf(id, viewOf(members), 9)).toEqual(ranks);
  });
});
