import { describe, expect, it } from "vitest";
import { nodeId, type VertexKey } from "../../../src/base/ids.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { jobIdOf } from "../../../src/job/request.js";
import { LEAF_BYTES } from "../../../src/job/tree.js";
import { VertexWorker } from "../../../src/node/driver/vertex-worker.js";
import type { MapPool } from "../../../src/node/ports/map-pool.js";
import { ToyCatalog, type ToyFile, ToyMapPool, type ToyOptions, ToyPlanner } from "../../sim/toy-engine.js";
import { manifestOf, memberOf } from "../cluster/cluster-cores.js";
import { keyOf, vertexNamed } from "../cluster/reduction-node.js";

const FILES: readonly ToyFile[] = ["f0", "f1"].map((path) => {
  return { source: "web", path, node: null, sizeBytes: LEAF_BYTES };
});
const both = manifestOf([1, 1]);
const second: Manifest = { ...both, jobId: jobIdOf("second"), files: both.files.slice(1) };

const forbidden = (): never => {
  throw new Error("a worker that is not durable has no business here");
};
const QUIET = { onProgress: () => undefined, onDone: () => undefined, onFailed: forbidden };

interface Workshop {
  readonly worker: VertexWorker;
  readonly catalog: ToyCatalog;
  nowMs: number;
}

/** `scanIn`: how the worker's map pool scans, given one that scans at once. */
function workshop(scanIn: (pool: ToyMapPool) => MapPool["scan"]): Workshop {
  const state = { nowMs: 0 };
  const options: ToyOptions = {
    clock: { nowMs: () => state.nowMs, wallMs: () => 0, setTimer: forbidden },
    self: nodeId("a"),
    files: FILES,
    spanLevel: both.spanLevel,
    taskMs: () => 0,
  };
  const pool = new ToyMapPool(options);
  const mapPool: MapPool = {
    threads: pool.threads,
    slices: pool.slices,
    merge: (map, partials, events) => pool.merge(map, partials, events),
    finish: (plan, root, events) => pool.finish(plan, root, events),
    scan: scanIn(pool),
  };
  const store = {
    ...{ loadRecords: forbidden, putRecord: forbidden, deleteRecord: forbidden, getState: forbidden },
    ...{ putState: forbidden, getVertex: () => undefined, hasVertex: forbidden, putVertex: forbidden },
  };
  const exchange = {
    ...{ start: forbidden, pull: forbidden, replicate: forbidden, fetchRecord: forbidden, describe: forbidden },
  };
  const catalog = new ToyCatalog(options);
  const worker = new VertexWorker(
    {
      ...{ clock: options.clock, random: { next: forbidden }, peerNetwork: null, exchange, store, mapPool },
      ...{ catalog, planner: new ToyPlanner(options) },
    },
    { self: memberOf("a"), seeds: [], protocol: protocolWith(), scanSlots: 1, isDurable: false },
  );
  return Object.assign(state, { worker, catalog });
}

/** A worker of which every scan leaves out the last half of its first range. */
const skippingWorker = (): VertexWorker =>
  workshop((pool) => (task, events) => {
    const skipped = task.ranges.map(({ fileIndex, start, end }) => ({
      file: fileIndex,
      start: (start + end) / 2,
      end,
    }));
    return pool.scan(task, {
      onDone: (handle) => events.onDone({ encoded: () => handle.encoded(), skipped }),
      onFailed: (error) => events.onFailed(error),
    });
  }).worker;

describe("A scan whose file changes meanwhile", () => {
  it("fails before its end when it takes long: a slow node would read a large span in vain", () => {
    const told: string[] = [];
    let progress: (doneBytes: number) => void = forbidden;
    const shop = workshop(() => (_task, events) => {
      progress = (doneBytes) => events.onProgress?.(doneBytes);
      return () => told.push("cancelled");
    });
    shop.worker.scan(keyOf(both, "r1.0.0"), both, vertexNamed("r1.0.0"), {
      onProgress: (doneBytes) => told.push(`${doneBytes} bytes`),
      onDone: forbidden,
      onFailed: (failure, detail) => told.push(`${failure} ${detail}`),
    });
    shop.nowMs = 1000;
    progress(1);
    shop.catalog.changed.add("f1");
    shop.nowMs = 2500;
    progress(2);
    expect(told).toEqual(["1 bytes", "2 bytes"]);
    shop.nowMs = 3000;
    progress(3);
    progress(4);
    expect(told).toEqual(["1 bytes", "2 bytes", "3 bytes", "cancelled", "input-changed web:f1"]);
  });
});

describe("What a value lacks of its vertex", () => {
  const key = keyOf(both, "r1.0.0");
  const half = { start: LEAF_BYTES / 2, end: LEAF_BYTES };

  it("is told by the numbers that its files have in the job that asks", () => {
    expect(keyOf(second, "r0.0.0")).toBe(key);
    const worker = skippingWorker();
    worker.scan(key, both, vertexNamed("r1.0.0"), QUIET);
    expect(worker.skippedOf(key, both)).toEqual([{ file: 1, ...half }]);
    expect(worker.skippedOf(key, second)).toEqual([{ file: 0, ...half }]);
  });

  it("is lacking by these numbers in what another job merges of it, and in what a peer sends", () => {
    const worker = skippingWorker();
    worker.scan(key, both, vertexNamed("r1.0.0"), QUIET);
    const merged = "merged" as VertexKey;
    expect(worker.merge(merged, second, [key], QUIET)).toEqual([]);
    expect(worker.skippedOf(merged, second)).toEqual([{ file: 0, ...half }]);
    const bytes = worker.bytesOf(key) ?? forbidden();
    worker.receive(key, second, bytes, [{ file: 0, start: 0, end: 7 }]);
    expect(worker.skippedOf(key, both)).toEqual([{ file: 1, start: 0, end: 7 }]);
  });

  it("is nothing any longer once the value has come whole", () => {
    const worker = skippingWorker();
    worker.scan(key, both, vertexNamed("r1.0.0"), QUIET);
    worker.receive(key, both, worker.bytesOf(key) ?? forbidden(), []);
    expect(worker.skippedOf(key, both)).toEqual([]);
  });
});
