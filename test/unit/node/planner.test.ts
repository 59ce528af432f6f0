import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.js";
import type { Digest, JobId, NodeId } from "../../../src/base/ids.js";
import type { PlanRefusal } from "../../../src/cluster/job/job-events.js";
import type { Member, MemberState, View } from "../../../src/cluster/member.js";
import { lackingNames, plannedShare } from "../../../src/job/lacking.js";
import { type Manifest, SEMANTICS_VERSION, treeShapeOf } from "../../../src/job/manifest.js";
import type { JobRequest } from "../../../src/job/request.js";
import { LEAF_BYTES, rootOf, spansOf, vertexName } from "../../../src/job/tree.js";
import { foldDigests, VertexKeys } from "../../../src/job/vertex-key.js";
import { MemoryExchanges } from "../../../src/node/adapters/memory/exchange.js";
import { SourcePlanner } from "../../../src/node/planner.js";
import type { FileDescription, FileQuestion } from "../../../src/node/ports/source-catalog.js";
import { SourceFinder } from "../../../src/node/source-files.js";

const NOW_MS = 1_700_000_000_000;

interface FakeNode {
  readonly name: string;
  readonly state?: MemberState;
  /** No exchange answers for it. */
  readonly silent?: boolean;
  /** This version's unless told. */
  readonly semantics?: number;
  readonly shared?: readonly string[];
  readonly own?: readonly string[];
  readonly files?: Readonly<Record<string, readonly FileDescription[]>>;
}

const file = (path: string, leaves = 1, change: Partial<FileDescription> = {}): FileDescription => ({
  path,
  size: leaves * LEAF_BYTES,
  scanSize: leaves * LEAF_BYTES,
  sealedSize: leaves * LEAF_BYTES - 5,
  mtimeMs: 1_000,
  format: "combined",
  leafDigests: Array.from({ length: leaves }, (_, leaf): Digest => digestOf(`${path} ${leaf}`)),
  ...change,
});

function memberOf(node: FakeNode): Member {
  return {
    id: node.name as NodeId,
    name: node.name,
    incarnation: 1,
    listen: `${node.name}:7400`,
    grpc: `${node.name}:7401`,
    http: `${node.name}:7402`,
    threads: 2,
    zone: "",
    sources: [
      ...(node.shared ?? []).map((name) => ({ name, shared: true })),
      ...(node.own ?? []).map((name) => ({ name, shared: false })),
    ],
    protocolVersion: 1,
    semanticsVersion: node.semantics ?? SEMANTICS_VERSION,
    state: node.state ?? "alive",
  };
}

/** A cluster whose first node plans; `asked` collects which node was asked for which glob. */
function clusterOf(nodes: readonly FakeNode[]) {
  const exchanges = new MemoryExchanges();
  const asked: string[] = [];
  const describeAt =
    (node: FakeNode) =>
    ({ source, glob }: FileQuestion, done: (files: readonly FileDescription[]) => void) => {
      asked.push(`${node.name} ${source}:${glob}`);
      done(node.files?.[source] ?? []);
    };
  const notAsked = (): never => {
    throw new Error("a planner only describes");
  };
  for (const node of nodes.slice(1)) {
    if (node.silent === true) continue;
    exchanges
      .at(`${node.name}:7401`)
      .start({ onPull: notAsked, onReplicate: notAsked, onFetchRecord: notAsked, onDescribe: describeAt(node) });
  }
  const [self] = nodes;
  if (self === undefined) throw new Error("a cluster has a node");
  const finder = new SourceFinder({ describe: describeAt(self), open: notAsked }, exchanges.at(`${self.name}:7401`));
  const planner = new SourcePlanner(self.name as NodeId, finder, { wallMs: () => NOW_MS });
  const view: View = { self: self.name as NodeId, members: nodes.map(memberOf) };
  const plan = (sql: string, request: Partial<JobRequest> = {}) =>
    new Promise<Manifest | PlanRefusal>((resolve) => {
      const full = { sql, allowIncomplete: false, deadlineMs: 1_000, maxResultBytes: 1_000, ...request };
      planner.plan({ jobId: "job" as JobId, clientKey: "key", request: full, view }, resolve);
    });
  return { plan, planner, asked, view };
}

const COUNT = "SELECT status, count(*) FROM 'web:*.log' GROUP BY status";
const COUNT_ALL = "SELECT count(*) FROM 'web:*'";

function expectManifest(outcome: Manifest | PlanRefusal): Manifest {
  if ("code" in outcome) throw new Error(`refused: ${outcome.message}`);
  return outcome;
}

describe("a plan over a shared source", () => {
  const files = { web: [file("b.log", 3), file("a.log", 40)] };

  test("freezes sorted files with their versions and digests, and asks this node alone if it holds them", async () => {
    const { plan, planner, asked } = clusterOf([
      { name: "one", shared: ["web"], files },
      { name: "two", shared: ["web"], files },
    ]);
    const manifest = expectManifest(await plan(COUNT));
    expect(asked).toEqual(["one web:*.log"]);
    expect(manifest).toMatchObject({ jobId: "job", clientKey: "key", planner: "one", nowMs: NOW_MS });
    expect(
      manifest.files.map(({ source, path, node, format, size }) => ({ source, path, node, format, size })),
    ).toEqual([
      { source: "web", path: "a.log", node: null, format: "combined", size: 40 * LEAF_BYTES },
      { source: "web", path: "b.log", node: null, format: "combined", size: 3 * LEAF_BYTES },
    ]);
    expect(manifest.spanLevel).toEqual({ kind: "range", level: 0 });
    expect(manifest.files[0]?.spanDigests).toEqual(file("a.log", 40).leafDigests);
    const copy = structuredClone(manifest);
    expect(planner.queryPlanOf(copy)).toEqual(planner.queryPlanOf(manifest));
  });

  test("chooses spans by the threads of those who hold the files, and folds the digests to their level", async () => {
    const large = { web: [file("a.log", 400)] };
    const { plan } = clusterOf([{ name: "one", shared: ["web"], files: large }, { name: "two" }, { name: "three" }]);
    const manifest = expectManifest(await plan(COUNT));
    expect(manifest.spanLevel).toEqual({ kind: "range", level: 1 });
    expect(manifest.files[0]?.spanDigests).toEqual(foldDigests(file("a.log", 400).leafDigests, 1));
  });

  test("asks another holder when the first does not answer, the dead ones never", async () => {
    const { plan, asked } = clusterOf([
      { name: "one" },
      { name: "two", shared: ["web"], silent: true },
      { name: "three", shared: ["web"], state: "dead", files },
      { name: "four", shared: ["web"], files },
    ]);
    expect(expectManifest(await plan(COUNT)).files).toHaveLength(2);
    expect(asked).toEqual(["four web:*.log"]);
  });

  test("takes the format that was asked for", async () => {
    const { plan } = clusterOf([{ name: "one", shared: ["web"], files }]);
    const manifest = expectManifest(await plan(COUNT, { format: "common" }));
    expect(manifest.files.map(({ format }) => format)).toEqual(["common", "common"]);
  });
});

test("A compressed file is one range, whatever the size of spans, and its key is that of all its bytes", async () => {
  const files = { web: [file("a.log"), file("b.log.gz", 40, { compression: "gzip", sealedSize: 0 })] };
  const manifest = expectManifest(await clusterOf([{ name: "one", shared: ["web"], files }]).plan(COUNT_ALL));
  expect(manifest.spanLevel).toEqual({ kind: "range", level: 0 });
  expect(manifest.files[1]).toMatchObject({ path: "b.log.gz", compression: "gzip" });
  expect(manifest.files[1]?.spanDigests).toEqual(foldDigests(file("b.log.gz", 40).leafDigests, 2));
  const shape = treeShapeOf(manifest);
  expect(spansOf(shape, rootOf(shape)).map(vertexName)).toEqual(["r0.0.0", "r1.2.0"]);
  const keys = new VertexKeys(manifest);
  expect(keys.keyOf({ kind: "range", file: 1, level: 2, index: 0 })).toMatch(/^[0-9a-f]{32}$/);
});

test("The same path on two nodes' own sources is two files", async () => {
  const files = { web: [file("a.log")] };
  const { plan, asked } = clusterOf([
    { name: "one", own: ["web"], files },
    { name: "two", own: ["web"], files },
    { name: "three", own: ["web"], state: "left" },
  ]);
  const manifest = expectManifest(await plan(COUNT));
  expect(manifest.files.map(({ node, path }) => [node, path])).toEqual([
    ["one", "a.log"],
    ["two", "a.log"],
  ]);
  expect(asked.sort()).toEqual(["one web:*.log", "two web:*.log"]);
});

describe("a plan is refused", () => {
  const files = {
    web: [file("a.log")],
    locked: [file("a.log", 0, { problem: "no permission" })],
  };
  const cluster = () =>
    clusterOf([
      { name: "one", shared: ["web", "locked"], files },
      { name: "two", own: ["mail"], state: "dead" },
      { name: "three", own: ["chat"], silent: true },
      { name: "four", shared: ["gone"], state: "left" },
    ]);

  test.each<[string, PlanRefusal["code"], RegExp]>([
    ["SELECT count(* FROM 'web:*'", "invalid-query", /\^/],
    ["SELECT nope, count(*) FROM 'web:*' GROUP BY nope", "invalid-query", /unknown column "nope"/],
    ["SELECT count(*) FROM logs", "invalid-argument", /FROM 'NAME:glob'.*chat, locked, mail, web/],
    ["SELECT count(*)", "invalid-argument", /FROM 'NAME:glob'/],
    ["SELECT count(*) FROM 'a.log'", "invalid-argument", /FROM 'NAME:glob'/],
    ["SELECT count(*) FROM 'web:'", "invalid-argument", /FROM 'NAME:glob'/],
    ["SELECT count(*) FROM 'wob:*'", "source-unknown", /no node offers a source "wob"; did you mean "web"\?/],
    ["SELECT count(*) FROM 'gone:*'", "source-unknown", /it offers chat, locked, mail, web/],
    ["SELECT count(*) FROM 'locked:*'", "holders-missing", /locked:a\.log on one \(no permission\)/],
    ["SELECT count(*) FROM 'mail:*'", "holders-missing", /"mail" on two \(two:7401\)/],
    ["SELECT count(*) FROM 'chat:*'", "holders-missing", /"chat" on three/],
  ])("for %j as %s", async (sql, code, message) => {
    expect(await cluster().plan(sql)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("for a format that does not exist, and when nothing matches", async () => {
    expect(await cluster().plan(COUNT, { format: "nope" })).toMatchObject({ code: "invalid-query" });
    const empty = clusterOf([{ name: "one", shared: ["web"] }]);
    expect(await empty.plan(COUNT)).toMatchObject({ code: "no-files", message: expect.stringContaining("*.log") });
  });
});

describe("a plan that lacks a holder", () => {
  const nodes: readonly FakeNode[] = [
    { name: "one", own: ["web"], files: { web: [file("a.log", 3)] } },
    { name: "two", own: ["web"], files: { web: [file("b.log", 1), file("c.txt", 1)] } },
  ];
  const dead = (): readonly FakeNode[] => nodes.map((node, index) => (index === 1 ? { ...node, state: "dead" } : node));

  test("is refused at once, saying how many holders there are and what would help", async () => {
    const outcome = await clusterOf(dead()).plan(COUNT);
    expect(outcome).toMatchObject({ code: "holders-missing" });
    expect(outcome).toHaveProperty(
      "message",
      'holders: 1 of 2; the files of "web" on two (two:7401) cannot be learned; ' +
        "start the missing nodes, let them leave, or take --allow-incomplete",
    );
  });

  test("is made where that is allowed, and the manifest says what it lacks", async () => {
    const manifest = expectManifest(await clusterOf(dead()).plan(COUNT, { allowIncomplete: true }));
    expect(manifest.files.map(({ path }) => path)).toEqual(["a.log"]);
    expect(manifest.lacking).toEqual({
      holders: 2,
      parts: [{ source: "web", node: "two", holder: "two", paths: ["*.log"], bytes: null }],
    });
    expect(plannedShare(manifest)).toBe(0.5);
    expect(lackingNames(manifest)).toEqual(["web:*.log"]);
  });

  test("names the files and weighs their bytes once it has heard of them", async () => {
    const { planner, view } = clusterOf(nodes);
    const plan = (from: View, request: Partial<JobRequest> = {}) =>
      new Promise<Manifest | PlanRefusal>((resolve) => {
        const full = { sql: COUNT, allowIncomplete: false, deadlineMs: 1_000, maxResultBytes: 1_000, ...request };
        planner.plan({ jobId: "job" as JobId, clientKey: "key", request: full, view: from }, resolve);
      });
    expect(expectManifest(await plan(view)).lacking).toBeUndefined();
    const later: View = { ...view, members: dead().map(memberOf) };
    expect(await plan(later)).toHaveProperty(
      "message",
      expect.stringContaining("two (two:7401) with web:b.log cannot"),
    );
    const manifest = expectManifest(await plan(later, { allowIncomplete: true }));
    expect(lackingNames(manifest)).toEqual(["web:b.log"]);
    expect(plannedShare(manifest)).toBe(0.75);
  });

  test("is the same for a file that its holder cannot read, and for holders that only the submitter knows of", async () => {
    const web = [file("a.log"), file("locked.log", 0, { problem: "no permission" })];
    const { plan } = clusterOf([{ name: "one", own: ["web"], files: { web } }]);
    const manifest = expectManifest(await plan(COUNT, { allowIncomplete: true, expectHolders: 3 }));
    expect(lackingNames(manifest)).toEqual(["web:locked.log", "web:*.log", "web:*.log"]);
    expect(manifest.lacking?.holders).toBe(3);
    expect(await plan(COUNT, { expectHolders: 3 })).toHaveProperty(
      "message",
      expect.stringContaining("holders: 1 of 3"),
    );
  });

  test("is refused in the same way for a holder of another semantics version, which is not asked", async () => {
    const other = nodes.map((node, index) => (index === 1 ? { ...node, semantics: SEMANTICS_VERSION + 1 } : node));
    const { plan, asked } = clusterOf(other);
    expect(await plan(COUNT)).toMatchObject({
      code: "holders-missing",
      message:
        `holders: 1 of 2; the files of "web" on two (two:7401, semantics version ${SEMANTICS_VERSION + 1}) cannot be read ` +
        `by this job of semantics version ${SEMANTICS_VERSION}; run the same logmr on all nodes, start the missing nodes, ` +
        "let them leave, or take --allow-incomplete",
    });
    const manifest = expectManifest(await plan(COUNT, { allowIncomplete: true }));
    expect(manifest.lacking?.parts).toMatchObject([{ node: "two", holder: "two", paths: ["*.log"] }]);
    expect(asked).toEqual(["one web:*.log", "one web:*.log"]);
  });

  test("lacks nothing of a shared source that somebody of its semantics version holds", async () => {
    const web = [file("a.log")];
    const holders: readonly FakeNode[] = [
      { name: "one" },
      { name: "two", shared: ["web"], files: { web }, semantics: SEMANTICS_VERSION + 1 },
      { name: "three", shared: ["web"], files: { web } },
    ];
    const { plan, asked } = clusterOf(holders);
    expect(expectManifest(await plan(COUNT)).lacking).toBeUndefined();
    expect(asked).toEqual(["three web:*.log"]);
    expect(await clusterOf(holders.slice(0, 2)).plan(COUNT)).toMatchObject({ code: "holders-missing" });
  });

  test("is refused even where an incomplete answer is allowed when nothing at all could be read", async () => {
    const outcome = await clusterOf(dead().slice(1)).plan(COUNT, { allowIncomplete: true });
    expect(outcome).toMatchObject({ code: "holders-missing" });
  });
});
