import { describe, expect, it } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { type Protocol, protocolWith } from "../../src/cluster/protocol.js";
import { jobIdOf } from "../../src/job/request.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import type { FinishedJob } from "../../src/node/node-service.js";
import { oracleTable } from "./oracle.js";
import { RandomStream } from "./random-stream.js";
import type { ExchangeServers } from "./simulated-exchange.js";
import { NO_NUISANCE, SimulatedNetwork } from "./simulated-network.js";
import { addressOf, SimulatedNode } from "./simulated-node.js";
import { SimulatedDisk } from "./simulated-store.js";
import { SimulatedTime } from "./simulated-time.js";
import { submitJob } from "./submit-job.js";
import { Tally } from "./tally.js";
import type { ToyFile } from "./toy-engine.js";
import { Trace } from "./trace.js";

/** A scan that gave a value. */
interface Scan {
  readonly node: string;
  readonly range: string;
  readonly atMs: number;
}

/** A cluster in peace, whose scans are written down. */
class PeacefulCluster {
  readonly time = new SimulatedTime();
  readonly scans: Scan[] = [];
  /** Threads' time that went into scans that gave none, because somebody else's was there. */
  wastedMs = 0;
  readonly #files: readonly ToyFile[];
  readonly #leafMs: number;
  readonly #protocol: Protocol;
  readonly #spanLevel: number;
  readonly #servers: ExchangeServers = new Map();
  readonly #trace = new Trace(this.time, undefined);
  readonly #network = new SimulatedNetwork(this.time, 1, NO_NUISANCE, this.#trace, new Tally());

  constructor(files: readonly ToyFile[], leafMs: number, changes: Partial<Protocol> = {}, spanLevel = 0) {
    this.#files = files;
    this.#protocol = protocolWith(changes);
    this.#leafMs = leafMs;
    this.#spanLevel = spanLevel;
  }

  start(name: string, seed?: string): SimulatedNode {
    const leafMs = this.#leafMs;
    const node = new SimulatedNode({
      id: nodeId(name),
      seeds: seed === undefined ? [] : [addressOf(nodeId(seed))],
      time: this.time,
      network: this.#network,
      disk: new SimulatedDisk(this.time, new RandomStream(1, name), { fsyncMs: 0, tornWrites: 0 }),
      servers: this.#servers,
      random: new RandomStream(1, `node ${name}`),
      lateness: new RandomStream(1, `lateness ${name}`),
      skewMs: 0,
      incarnationOf: (life) => life,
      protocol: this.#protocol,
      toy: {
        files: this.#files,
        spanLevel: { kind: "range", level: this.#spanLevel },
        taskMs: (leaves) => leafMs * leaves,
      },
      threads: 2,
      decorate: (ports) => ({
        ...ports,
        mapPool: {
          threads: ports.mapPool.threads,
          slices: ports.mapPool.slices,
          merge: (...given) => ports.mapPool.merge(...given),
          finish: (...given) => ports.mapPool.finish(...given),
          scan: (task, events) => {
            const range = task.ranges.map(({ fileName, start }) => `${fileName}@${start}`).join();
            const atMs = this.time.nowMs;
            const cancel = ports.mapPool.scan(task, {
              ...events,
              onDone: (partial) => {
                this.scans.push({ node: name, range, atMs });
                events.onDone(partial);
              },
            });
            return () => {
              this.wastedMs += this.time.nowMs - atMs;
              cancel();
            };
          },
        },
      }),
    });
    node.start();
    return node;
  }
}

const FILES = [{ source: "web", path: "f0", node: null, sizeBytes: 90 * LEAF_BYTES }];

describe("A long job in a healthy cluster", () => {
  it("scans every span once, though spans wait in queues for far longer than a node may stand still", () => {
    const cluster = new PeacefulCluster(FILES, 4000);
    const first = cluster.start("a");
    for (const name of ["b", "c"]) cluster.start(name, "a");
    cluster.time.runUntil(1000);
    const answer = submitJob(first);
    cluster.time.runUntil(300_000, () => answer() !== undefined);
    expect(answer()?.table).toEqual(oracleTable(FILES));
    expect(cluster.scans).toHaveLength(90);
    expect(new Set(cluster.scans.map(({ range }) => range)).size).toBe(90);
    expect(cluster.wastedMs).toBeLessThan(100);
  });

  it("spreads the last of its large spans, and still reads every byte once", () => {
    const files = [{ source: "web", path: "f0", node: null, sizeBytes: 96 * LEAF_BYTES }];
    const cluster = new PeacefulCluster(files, 200, {}, 1);
    const first = cluster.start("a");
    cluster.start("b", "a");
    cluster.time.runUntil(8000);
    const answer = submitJob(first);
    cluster.time.runUntil(300_000, () => answer() !== undefined);
    expect(answer()?.table).toEqual(oracleTable(files));
    expect(cluster.wastedMs).toBe(0);
    // Six spans of 3.2 s would take four threads 6.4 s; all of the work divided by four is 4.8 s.
    expect(cluster.time.nowMs).toBeLessThan(8000 + 5800);
  });

  it("merges its groups in parts where they are many, with as little waste and soon after the last scan", () => {
    const cluster = new PeacefulCluster(FILES, 100, { inlineBytes: 1, partBytes: 1000 });
    const first = cluster.start("a");
    for (const name of ["b", "c", "d"]) cluster.start(name, "a");
    cluster.time.runUntil(8000);
    const answer = submitJob(first);
    cluster.time.runUntil(300_000, () => answer() !== undefined);
    expect(answer()?.table).toEqual(oracleTable(FILES));
    expect(cluster.scans).toHaveLength(90);
    expect(cluster.wastedMs).toBeLessThan(100);
    expect(cluster.time.nowMs - Math.max(...cluster.scans.map(({ atMs }) => atMs))).toBeLessThan(1000);
  });

  it("has a node that joins in the middle scanning within two seconds, once the view has kept still, and still every span once", () => {
    const cluster = new PeacefulCluster(FILES, 1000);
    const first = cluster.start("a");
    cluster.start("b", "a");
    cluster.time.runUntil(1000);
    const answer = submitJob(first);
    cluster.time.runUntil(6000);
    cluster.start("c", "a");
    cluster.time.runUntil(300_000, () => answer() !== undefined);
    expect(answer()?.table).toEqual(oracleTable(FILES));
    const byJoined = cluster.scans.filter(({ node }) => node === "c");
    expect(byJoined[0]?.atMs).toBeLessThan(8000);
    expect(byJoined.length).toBeGreaterThan(15);
    expect(cluster.scans).toHaveLength(90);
    expect(cluster.wastedMs).toBeLessThan(100);
  });

  it("is answered by nodes whose disks are full, which scan every span once and say that nobody has a copy", () => {
    const cluster = new PeacefulCluster(FILES, 10);
    const first = cluster.start("a");
    const second = cluster.start("b", "a");
    for (const { disk } of [first, second]) disk.isFull = true;
    cluster.time.runUntil(1000);
    const answer = submitJob(first);
    cluster.time.runUntil(60_000, () => answer() !== undefined);
    expect(answer()?.table).toEqual(oracleTable(FILES));
    expect(answer()?.status).toMatchObject({ state: "COMPLETED", copies: 0 });
    expect(cluster.scans).toHaveLength(90);
  });

  it("has its end shown by the one node of two whose disk takes it, and its second copy once the other does", () => {
    const cluster = new PeacefulCluster(FILES, 10);
    const first = cluster.start("a");
    const second = cluster.start("b", "a");
    second.disk.isFull = true;
    cluster.time.runUntil(1000);
    const answer = submitJob(first);
    cluster.time.runUntil(60_000, () => answer() !== undefined);
    expect(answer()?.status).toMatchObject({ state: "COMPLETED", copies: 1 });
    second.disk.isFull = false;
    const copies = () => first.driver?.jobs()[0]?.copies;
    cluster.time.runUntil(cluster.time.nowMs + 10_000, () => copies() === 2);
    expect(copies()).toBe(2);
  });

  it("that ended where no disk took it is told by whoever joins then, and kept there", () => {
    const cluster = new PeacefulCluster(FILES, 10);
    const first = cluster.start("a");
    first.disk.isFull = true;
    const answer = submitJob(first);
    cluster.time.runUntil(60_000, () => answer() !== undefined);
    expect(answer()?.status).toMatchObject({ state: "COMPLETED", copies: 0 });
    const second = cluster.start("b", "a");
    cluster.time.runUntil(cluster.time.nowMs + 1000);
    let told: FinishedJob | undefined;
    second.driver?.result(jobIdOf("job"), (job) => {
      told = job;
    });
    const isKept = (): boolean => second.disk.recordOf(jobIdOf("job")) !== undefined;
    cluster.time.runUntil(cluster.time.nowMs + 10_000, () => told !== undefined && isKept());
    expect(told?.table).toEqual(oracleTable(FILES));
    expect(isKept()).toBe(true);
    expect(first.driver?.jobs()).toMatchObject([{ state: "COMPLETED", copies: 1 }]);
  });

  it("has a node that is killed and started again scan what its threads were at, and nothing that was finished", () => {
    const cluster = new PeacefulCluster(FILES, 1000);
    const node = cluster.start("a");
    cluster.time.runUntil(100);
    submitJob(node);
    cluster.time.runUntil(20_500);
    const before = cluster.scans.length;
    expect(before).toBeGreaterThan(20);
    node.crash();
    node.start();
    let answer: FinishedJob | undefined;
    node.driver?.result(jobIdOf("job"), (job) => {
      answer = job;
    });
    cluster.time.runUntil(300_000, () => answer !== undefined);
    expect(answer?.table).toEqual(oracleTable(FILES));
    expect(cluster.scans).toHaveLength(90);
    expect(new Set(cluster.scans.map(({ range }) => range)).size).toBe(90);
  });
});
