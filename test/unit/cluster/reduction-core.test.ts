import { describe, expect, it } from "vitest";
import { digestOf } from "../../../src/base/digest.js";
import { nodeId, type VertexKey } from "../../../src/base/ids.js";
import { Placement } from "../../../src/cluster/placement/placement.js";
import type { ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { vertexName } from "../../../src/job/tree.js";
import { manifestOf, requestOf, viewOf } from "./cluster-cores.js";
import { coreOf, type Effect, keyOf, of, progressOf, vertexNamed } from "./reduction-node.js";

describe("A root on a single node", () => {
  it("scans every span once, merges one copy of each child, and is ready", () => {
    const manifest = manifestOf([3, 20]);
    const node = coreOf(viewOf("a", "a"));
    const scans = of(node.work(manifest), "scan");
    expect(scans.map((scan) => vertexName(scan.vertex)).sort()).toEqual(
      [
        ...Array.from({ length: 3 }, (_, leaf) => `r0.0.${leaf}`),
        ...Array.from({ length: 20 }, (_, leaf) => `r1.0.${leaf}`),
      ].sort(),
    );
    const merges: Effect<"merge">[] = [];
    const ready: Effect<"root-ready">[] = [];
    const finish = (key: VertexKey): void => {
      const effects = node.done(key);
      ready.push(...of(effects, "root-ready"));
      for (const merge of of(effects, "merge")) {
        merges.push(merge);
        finish(merge.key);
      }
    };
    for (const scan of scans) finish(scan.key);
    expect(merges.map((merge) => merge.children.length).sort()).toEqual([16, 2, 2, 3, 4].sort());
    for (const merge of merges) expect(new Set(merge.children).size).toBe(merge.children.length);
    expect(ready.map((effect) => effect.key)).toEqual([keyOf(manifest, "f1.0")]);
  });

  it("uses what the store has instead of computing it", () => {
    const manifest = manifestOf([2]);
    const node = coreOf(viewOf("a", "a"));
    node.values.add(keyOf(manifest, "r0.0.0"));
    expect(of(node.work(manifest), "scan").map((scan) => vertexName(scan.vertex))).toEqual(["r0.0.1"]);
  });

  it("lets every value go once nothing needs it any longer", () => {
    const manifest = manifestOf([2]);
    const node = coreOf(viewOf("a", "a"));
    const keys = of(node.work(manifest), "scan").map((scan) => scan.key);
    const effects = [...keys.flatMap((key) => node.done(key)), ...node.done(keyOf(manifest, "r0.1.0"))];
    const forgotten = [...effects, ...node.step({ kind: "rest", jobId: manifest.jobId })];
    const last = of(forgotten, "forget").map((effect) => effect.key);
    expect(last).toEqual(expect.arrayContaining([...keys, keyOf(manifest, "r0.1.0")]));
    expect(node.core.isBusy).toBe(false);
  });
});

describe("Work in one node", () => {
  it("on one key happens once, however many wait for it", () => {
    const manifest = manifestOf([2]);
    const node = coreOf(viewOf("a", "a b"));
    expect(of(node.pulled(manifest, "r0.0.0", 1), "scan")).toHaveLength(1);
    expect(of(node.pulled(manifest, "r0.0.0", 2), "scan")).toHaveLength(0);
    const served = of(node.done(keyOf(manifest, "r0.0.0")), "serve");
    expect(served.map((effect) => effect.puller)).toEqual([1, 2]);
  });

  it("is done for the manifest that was asked about, though another one of the job is worked on here", () => {
    const other = manifestOf([2, 2], { nowMs: 7 });
    const node = coreOf(viewOf("a", "a b"));
    node.work(manifestOf([2]), false);
    const [scan] = of(node.pulled(other, "r1.0.0", 1), "scan");
    expect(scan).toMatchObject({ key: keyOf(other, "r1.0.0"), manifest: other });
    const preview = node.step({
      kind: "preview",
      asker: 2,
      manifest: other,
      vertex: vertexNamed("r1.0.1"),
      root: null,
      withinMs: 100,
    });
    expect(of(preview, "preview-ready")).toMatchObject([{ manifest: other, keys: [] }]);
  });

  it("is shared between jobs that find the same vertices", () => {
    const node = coreOf(viewOf("a", "a"));
    expect(of(node.work(manifestOf([2], { key: "one" })), "scan")).toHaveLength(2);
    expect(of(node.work(manifestOf([2], { key: "two", nowMs: 5 })), "scan")).toHaveLength(0);
  });

  it("keeps to its slots, and scans what someone waits for before its own foresight", () => {
    const manifest = manifestOf([4]);
    const node = coreOf(viewOf("a", "a"), { scanSlots: 1 });
    const [first] = of(node.work(manifest, false), "scan");
    if (first === undefined) throw new Error("a slot is free");
    expect(of(node.pulled(manifest, "r0.0.3", 1), "scan")).toEqual([]);
    expect(of(node.done(first.key), "scan").map((scan) => vertexName(scan.vertex))).toEqual(["r0.0.3"]);
  });

  it("gives jobs their turns: a small one does not wait for a large one that came first", () => {
    const large = manifestOf([9], { key: "large" });
    const small: Manifest = { ...manifestOf([2, 1], { key: "small" }), planDigest: digestOf("another plan") };
    const node = coreOf(viewOf("a", "a"), { scanSlots: 1 });
    const order: string[] = [];
    let [scan] = of([...node.work(large), ...node.work(small)], "scan");
    while (scan !== undefined && order.length < 7) {
      order.push(scan.manifest.clientKey);
      [scan] = of(node.done(scan.key), "scan");
    }
    expect(order).toEqual(["large", "small", "large", "small", "large", "small", "large"]);
  });

  it("gives jobs turns by their priority, and still some to the lowest", () => {
    const jobs = (["low", "normal", "high"] as const).map((priority): Manifest => {
      const manifest = manifestOf([60], { key: priority, request: requestOf({ priority }) });
      return { ...manifest, planDigest: digestOf(priority) };
    });
    const node = coreOf(viewOf("a", "a"), { scanSlots: 1 });
    const turns = new Map<string, number>();
    let [scan] = of(
      jobs.flatMap((job) => node.work(job)),
      "scan",
    );
    for (let turn = 0; scan !== undefined && turn < 42; turn += 1) {
      turns.set(scan.manifest.clientKey, (turns.get(scan.manifest.clientKey) ?? 0) + 1);
      [scan] = of(node.done(scan.key), "scan");
    }
    expect(Object.fromEntries(turns)).toEqual({ low: 2, normal: 8, high: 32 });
  });

  it("ends when the last puller has gone, and not before", () => {
    const manifest = manifestOf([2]);
    const node = coreOf(viewOf("a", "a b"));
    node.pulled(manifest, "r0.0.0", 1);
    node.pulled(manifest, "r0.0.0", 2);
    expect(node.step({ kind: "puller-gone", puller: 1 })).toEqual([]);
    const key = keyOf(manifest, "r0.0.0");
    expect(node.step({ kind: "puller-gone", puller: 2 })).toContainEqual({ kind: "cancel-task", key });
    expect(node.core.isBusy).toBe(false);
  });

  it("tells pullers at the first tick and then twice a second that it is alive, and how far it is", () => {
    const manifest = manifestOf([2]);
    const node = coreOf(viewOf("a", "a b"));
    node.pulled(manifest, "r0.0.0", 1);
    node.step({ kind: "task-progress", key: keyOf(manifest, "r0.0.0"), doneBytes: 7 });
    const progress = { doneBytes: 7, queuedBytes: 0, isWaiting: false, activity: 7 };
    expect(of(node.at(100), "progress")).toEqual([{ kind: "progress", puller: 1, progress }]);
    expect(of(node.at(599), "progress")).toEqual([]);
    expect(of(node.at(600), "progress")).toEqual([{ kind: "progress", puller: 1, progress }]);
  });
});

describe("A pull", () => {
  const members = "a b c";
  const manifest = manifestOf([1], { node: null });
  const span = { kind: "range", file: 0, level: 0, index: 0 } as const;
  const [owner, second, third] = new Placement(manifest, viewOf("z", members)).candidatesOf(span);
  const asker = nodeId("z");
  /** A node outside the ring, so that nothing is its own. */
  const outsider = (failFast = false) => coreOf({ ...viewOf("a", members), self: asker }, { failFast });

  const asked = (effects: readonly ReductionEffect[]): readonly string[] =>
    of(effects, "pull").map((pull) => pull.from);

  it("goes to the owner, and after 1.5 s of silence to the next as well", () => {
    const node = outsider();
    expect(asked(node.work(manifest))).toEqual([owner]);
    expect(asked(node.at(1499))).toEqual([]);
    const effects = node.at(1500);
    expect(asked(effects)).toEqual([second]);
    expect(of(effects, "cancel-pull")).toEqual([]);
    expect(asked(node.at(3000))).toEqual([third]);
  });

  it("is not doubled while the owner makes progress, and is when it stands still for long", () => {
    const node = outsider();
    const [pull] = of(node.work(manifest), "pull");
    if (pull === undefined) throw new Error("the owner is asked");
    for (let nowMs = 500; nowMs <= 10_000; nowMs += 500) {
      expect(asked(node.at(nowMs))).toEqual([]);
      node.step(progressOf(pull.pull, { doneBytes: nowMs }));
    }
    for (let nowMs = 10_500; nowMs < 16_000; nowMs += 500) {
      expect(asked(node.at(nowMs))).toEqual([]);
      node.step(progressOf(pull.pull, { doneBytes: 10_000 }));
    }
    expect(asked(node.at(16_000))).toEqual([second]);
  });

  it("takes the first answer and calls the others off", () => {
    const node = outsider();
    const [first] = of(node.work(manifest), "pull");
    const [later] = of(node.at(1500), "pull");
    if (first === undefined || later === undefined) throw new Error("two are asked");
    const effects = node.step({ kind: "pull-done", pull: first.pull, isFound: false });
    expect(of(effects, "cancel-pull")).toEqual([{ kind: "cancel-pull", pull: later.pull }]);
    expect(of(effects, "root-ready")).toHaveLength(1);
    expect(node.step({ kind: "pull-done", pull: later.pull, isFound: false })).toEqual([]);
  });

  it("goes on to the next at once after a failure, and round and round with pauses of at most 2 s", () => {
    const node = outsider();
    let effects = node.work(manifest);
    const order: string[] = [];
    for (let nowMs = 0; order.length < 30; ) {
      const [pull] = of(effects, "pull");
      if (pull === undefined) {
        nowMs += 2000;
        effects = node.at(nowMs);
        continue;
      }
      order.push(pull.from);
      effects = node.step({ kind: "pull-failed", pull: pull.pull, failure: "unreachable", detail: "" });
    }
    const round = [owner, second, third];
    expect(order).toEqual(Array.from({ length: 10 }, () => round).flat());
  });

  it("asks elsewhere at once when the one it asked is not alive any more", () => {
    const node = outsider();
    node.work(manifest);
    const view = viewOf("a", members.replace(owner ?? "", `${owner}?`));
    expect(asked(node.step({ kind: "view", view: { ...view, self: asker } }))).toEqual([second]);
  });

  it("fails the job when every holder says that the input changed, and not before", () => {
    const node = outsider();
    let effects = node.work(manifest);
    const failures: ReductionEffect[] = [];
    for (let holder = 0; holder < 3; holder += 1) {
      expect(failures).toEqual([]);
      const [pull] = of(effects, "pull");
      if (pull === undefined) throw new Error("a holder is asked");
      effects = node.step({ kind: "pull-failed", pull: pull.pull, failure: "input-changed", detail: "web:f0" });
      failures.push(...of(effects, "root-failed"));
    }
    expect(failures).toEqual([expect.objectContaining({ failure: "input-changed", detail: "web:f0" })]);
  });

  it("above the spans fails with one who says that the input changed, once the others were asked too", () => {
    const wide = manifestOf([20], { node: null });
    const above = { kind: "range", file: 0, level: 1, index: 0 } as const;
    const node = outsider();
    const failures: ReductionEffect[] = [];
    let [pull] = of(node.work(wide), "pull").filter(({ vertex }) => vertexName(vertex) === vertexName(above));
    const refusing = pull?.from;
    for (let nowMs = 0; nowMs <= 20_000 && failures.length === 0; nowMs += 500) {
      if (pull?.from === refusing && pull !== undefined) {
        const refused = { kind: "pull-failed", pull: pull.pull, failure: "input-changed", detail: "web:f0" } as const;
        const effects = node.step(refused);
        expect(of(effects, "root-failed").length).toBe(nowMs === 0 ? 0 : 1);
        failures.push(...of(effects, "root-failed"));
        [pull] = of(effects, "pull");
        continue;
      }
      [pull] = of(node.at(nowMs), "pull").filter(({ vertex }) => vertexName(vertex) === vertexName(above));
    }
    expect(failures).toEqual([expect.objectContaining({ failure: "input-changed", detail: "web:f0" })]);
  });

  it("fails the job at once where nobody else can be asked", () => {
    const node = outsider(true);
    const [pull] = of(node.work(manifest), "pull");
    if (pull === undefined) throw new Error("a holder is asked");
    const effects = node.step({ kind: "pull-failed", pull: pull.pull, failure: "not-holder", detail: "web:f0" });
    expect(of(effects, "root-failed")).toHaveLength(1);
  });
});

describe("The cover of a root whose deadline has passed", () => {
  /** Two files of 20 leaves: the first one is private to z, who is dead; the second one anybody can read. */
  const whole = manifestOf([20, 20]);
  const files = whole.files.map((file, index) => (index === 0 ? { ...file, node: nodeId("z") } : file));
  const manifest: Manifest = { ...whole, files };
  const cover = (node: ReturnType<typeof coreOf>) => node.step({ kind: "cover", jobId: manifest.jobId });

  it("is the largest vertices that can be read, each once, and names the files that lack some", () => {
    const node = coreOf(viewOf("a", "a z!"));
    const scans = of(node.work(manifest), "scan");
    expect(scans).toHaveLength(20);
    expect(of(cover(node), "cover-ready")).toEqual([]);
    const effects: ReductionEffect[] = [];
    const finish = (key: VertexKey): void => {
      const next = node.done(key);
      effects.push(...next);
      for (const merge of of(next, "merge")) finish(merge.key);
    };
    for (const { key } of scans) finish(key);
    const [ready, ...more] = of(effects, "cover-ready");
    expect(more).toEqual([]);
    expect(ready).toMatchObject({ keys: [keyOf(manifest, "r1.2.0")], doneBytes: 20 * 2 ** 20, missing: [0] });
    expect(of(effects, "root-ready")).toEqual([]);
  });

  it("leaves out what does not come in time, level by level, down to the spans", () => {
    const node = coreOf(viewOf("a", "a z!"), { scanSlots: 21 });
    const scans = of(node.work(manifest), "scan");
    cover(node);
    const finish = (key: VertexKey): void => {
      node.values.add(key);
      for (const merge of of(node.done(key), "merge")) finish(merge.key);
    };
    for (const { key } of scans.slice(0, 18)) finish(key);
    const ready: Effect<"cover-ready">[] = [];
    for (let nowMs = 5000; nowMs <= 20_000; nowMs += 1000) ready.push(...of(node.at(nowMs), "cover-ready"));
    expect(ready).toHaveLength(1);
    expect(ready[0]).toMatchObject({ doneBytes: 18 * 2 ** 20, missing: [0, 1] });
    expect(ready[0]?.keys).toContain(keyOf(manifest, "r1.1.0"));
  });

  it("holds nothing back once the job rests", () => {
    const node = coreOf(viewOf("a", "a z!"));
    const [scan] = of(node.work(manifest), "scan");
    if (scan === undefined) throw new Error("a slot is free");
    cover(node);
    node.step({ kind: "rest", jobId: manifest.jobId });
    expect(node.core.isBusy).toBe(false);
  });
});
