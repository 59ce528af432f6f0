import { describe, expect, it } from "vitest";
import { jobId, nodeId } from "../../../src/base/ids.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { SEMANTICS_VERSION } from "../../../src/job/manifest.js";
import { DEFAULT_MAX_RESULT_BYTES, type JobRequest, jobIdOf } from "../../../src/job/request.js";
import { LEAF_BYTES, wholeJobSpan } from "../../../src/job/tree.js";
import { NodeDriver } from "../../../src/node/driver/node-driver.js";
import type { FinishedJob, SubmitRefusal, Submitted } from "../../../src/node/node-service.js";
import type { Clock } from "../../../src/node/ports/clock.js";
import type { Exchange } from "../../../src/node/ports/exchange.js";
import type { Store } from "../../../src/node/ports/store.js";
import { oracleTable } from "../../sim/oracle.js";
import { ToyCatalog, type ToyFile, ToyMapPool, type ToyOptions, ToyPlanner } from "../../sim/toy-engine.js";

/** A clock that never moves: whatever needs a timer never happens. */
const frozenClock = (timers: { count: number }): Clock => ({
  nowMs: () => 1000,
  wallMs: () => 1_700_000_000_000,
  setTimer: () => {
    timers.count += 1;
    return () => undefined;
  },
});

const forbidden = (): never => {
  throw new Error("an embedded node has no business here");
};

const lonelyExchange: Exchange = {
  start: () => undefined,
  pull: forbidden,
  replicate: forbidden,
  fetchRecord: forbidden,
  describe: forbidden,
};

const forbiddenStore: Store = {
  loadRecords: forbidden,
  putRecord: forbidden,
  deleteRecord: forbidden,
  getState: forbidden,
  putState: forbidden,
  getVertex: () => undefined,
  hasVertex: forbidden,
  putVertex: forbidden,
};

const FILES: readonly ToyFile[] = [
  { source: "", path: "a.log", node: null, sizeBytes: 3 * LEAF_BYTES + 5 },
  { source: "", path: "b.log", node: null, sizeBytes: 20 * LEAF_BYTES },
];

const REQUEST: JobRequest = {
  sql: "SELECT key, count(*)",
  allowIncomplete: false,
  deadlineMs: 60_000,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
};

function embedded(files: readonly ToyFile[] = FILES) {
  const timers = { count: 0 };
  const clock = frozenClock(timers);
  const spanLevel = wholeJobSpan(files.map((file) => ({ bytes: file.sizeBytes, group: "" })));
  const options: ToyOptions = { clock, self: nodeId("me"), files, spanLevel, taskMs: () => 0 };
  const mapPool = new ToyMapPool(options);
  const catalog = new ToyCatalog(options);
  const driver = new NodeDriver(
    {
      clock,
      random: { next: () => 0.5 },
      peerNetwork: null,
      exchange: lonelyExchange,
      store: forbiddenStore,
      mapPool,
      catalog,
      planner: new ToyPlanner(options),
    },
    {
      self: {
        id: nodeId("me"),
        name: "me",
        incarnation: 1,
        listen: "",
        grpc: "",
        http: "",
        threads: 2,
        zone: "",
        sources: [],
        protocolVersion: 1,
        semanticsVersion: SEMANTICS_VERSION,
      },
      seeds: [],
      protocol: protocolWith(),
      scanSlots: 1,
      isDurable: false,
    },
  );
  driver.start();
  const submitted: (Submitted | SubmitRefusal)[] = [];
  const finished: (FinishedJob | undefined)[] = [];
  return { driver, mapPool, catalog, timers, submitted, finished };
}

describe("A node on its own", () => {
  it("answers within the call when its ports do, without a timer, without encoding a partial, without a store", () => {
    const { driver, mapPool, submitted, finished } = embedded();
    driver.submit("key", REQUEST, (outcome) => submitted.push(outcome));
    driver.result(jobIdOf("key"), (job) => finished.push(job));
    expect(submitted).toEqual([{ jobId: jobIdOf("key"), copies: 1 }]);
    expect(finished).toHaveLength(1);
    expect(finished[0]?.table).toEqual(oracleTable(FILES));
    expect(finished[0]?.status).toMatchObject({ state: "COMPLETED", coverage: 1, chunksDone: 1, chunksTotal: 1 });
    expect(mapPool.encodings).toBe(0);
    expect([...mapPool.scans.values()]).toEqual([1, 1]);
  });

  it("leaves no timer behind when its jobs have ended", () => {
    const { driver, timers } = embedded();
    driver.submit("key", REQUEST, () => undefined);
    expect(timers.count).toBe(0);
  });

  it("answers a job over no files", () => {
    const { driver, finished } = embedded([]);
    driver.submit("empty", REQUEST, () => undefined);
    driver.result(jobIdOf("empty"), (job) => finished.push(job));
    expect(finished[0]?.table).toEqual(oracleTable([]));
  });

  it("takes the same key with the same request for the same job, and refuses another request under it", () => {
    const { driver, submitted } = embedded();
    for (const sql of ["SELECT 1", "SELECT 1", "SELECT 2"]) {
      driver.submit("key", { ...REQUEST, sql }, (outcome) => submitted.push(outcome));
    }
    expect(submitted.map((outcome) => ("code" in outcome ? outcome.code : outcome.copies))).toEqual([
      1,
      1,
      "key-conflict",
    ]);
    expect(driver.jobs()).toHaveLength(1);
  });

  it("says that it does not know a job that nobody submitted", () => {
    const { driver } = embedded();
    const heard: unknown[] = [];
    driver.status(jobId("nobody"), (status) => heard.push(status));
    driver.watch(jobId("nobody"), (status) => heard.push(status));
    driver.result(jobId("nobody"), (job) => heard.push(job));
    driver.cancel(jobId("nobody"), (status) => heard.push(status));
    expect(heard).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    ["changed", "a.log changed while the job read it; submit again under a new key"],
    ["absent", "b.log is missing or shorter than when the job was planned"],
  ] as const)("fails at once when a file is %s, naming it", (what, message) => {
    const { driver, catalog, finished } = embedded();
    catalog[what].add(message.slice(0, 5));
    driver.submit("key", REQUEST, () => undefined);
    driver.result(jobIdOf("key"), (job) => finished.push(job));
    expect(finished[0]?.status).toMatchObject({ state: "FAILED", error: message });
    expect(finished[0]?.table).toBeUndefined();
  });

  it("fails at once when the scan does, with its message", () => {
    const { driver, mapPool, finished } = embedded();
    mapPool.broken = "the scanner broke";
    driver.submit("key", REQUEST, () => undefined);
    driver.result(jobIdOf("key"), (job) => finished.push(job));
    expect(finished[0]?.status).toMatchObject({ state: "FAILED", error: "the scanner broke" });
  });
});
