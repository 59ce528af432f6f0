/**
 * Clusters larger than those of the seeds, in peace but for what is asked: how much control traffic members cause, how long
 * views take to agree, and what slow and dying nodes cost a long job.
 */

import { type NodeId, nodeId } from "../../src/base/ids.js";
import { announceStretch } from "../../src/cluster/membership/announcing.js";
import { PROTOCOL_SETTINGS, protocolWith } from "../../src/cluster/protocol.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import { RandomStream } from "./random-stream.js";
import type { ExchangeServers } from "./simulated-exchange.js";
import { NO_NUISANCE, SimulatedNetwork } from "./simulated-network.js";
import { addressOf, SimulatedNode } from "./simulated-node.js";
import { SimulatedDisk } from "./simulated-store.js";
import { SimulatedTime } from "./simulated-time.js";
import { submitJob } from "./submit-job.js";
import { Tally } from "./tally.js";
import type { ToyFile, ToyOptions } from "./toy-engine.js";
import { Trace } from "./trace.js";

const START_EVERY_MS = 20;
const LOOK_EVERY_MS = 100;
const SLOTS = 2;

export interface ScaleOptions {
  readonly nodes: number;
  readonly seed: number;
  /** The one file that every node can read. */
  readonly leaves: number;
  readonly leafMs: number;
}

/** Control messages and bytes that arrived at each node in each second, gossip counted once at each receiver. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

export class ScaleCluster {
  readonly time = new SimulatedTime();
  readonly nodes: readonly SimulatedNode[];
  /** Leaves that were scanned to their end, over and over counted. */
  scannedLeaves = 0;
  readonly #network: SimulatedNetwork;

  constructor({ nodes, seed, leaves, leafMs }: ScaleOptions) {
    const { time } = this;
    const servers: ExchangeServers = new Map();
    this.#network = new SimulatedNetwork(time, seed, NO_NUISANCE, new Trace(time, undefined), new Tally());
    const files: readonly ToyFile[] = [{ source: "web", path: "f0", node: null, sizeBytes: leaves * LEAF_BYTES }];
    const work = new RandomStream(seed, "work");
    const toy: Omit<ToyOptions, "clock" | "self" | "semantics"> = {
      files,
      spanLevel: { kind: "range", level: 0 },
      taskMs: (count) => work.between(0.8, 1.2) * leafMs * count,
      onScanned: (_content, start, end) => {
        this.scannedLeaves += Math.ceil((end - start) / LEAF_BYTES);
      },
    };
    const seeds = new RandomStream(seed, "seeds");
    this.nodes = Array.from({ length: nodes }, (_, index) => {
      const id = nodeId(`n${String(index).padStart(4, "0")}`);
      return new SimulatedNode({
        id,
        seeds: index === 0 ? [] : [addressOf(this.#idOf(seeds.integer(0, index - 1)))],
        time,
        network: this.#network,
        disk: new SimulatedDisk(time, new RandomStream(seed, `disk ${id}`), { fsyncMs: 0, tornWrites: 0 }),
        servers,
        random: new RandomStream(seed, `node ${id}`),
        lateness: new RandomStream(seed, `lateness ${id}`),
        skewMs: 0,
        incarnationOf: (life) => life,
        protocol: protocolWith(),
        toy,
        threads: SLOTS,
      });
    });
  }

  start(): void {
    this.nodes.forEach((node, index) => {
      this.time.schedule(index * START_EVERY_MS, () => node.start());
    });
  }

  /** Lets time pass until it is so; returns how long that took, undefined if it never came within the time. */
  until(isSo: () => boolean, withinMs: number): number | undefined {
    const beganMs = this.time.nowMs;
    while (!isSo()) {
      if (this.time.nowMs - beganMs >= withinMs) return undefined;
      this.time.runUntil(this.time.nowMs + LOOK_EVERY_MS);
    }
    return this.time.nowMs - beganMs;
  }

  /** Whether each node that is well sees exactly those alive. */
  get viewsAgree(): boolean {
    const up = this.nodes.filter((node) => node.isReachable);
    return up.every((node) => {
      const alive = node.driver?.view().members.filter((member) => member.state === "alive") ?? [];
      return alive.length === up.length;
    });
  }

  traffic(forMs: number): Traffic {
    const before = { ...this.#network.traffic };
    this.time.runUntil(this.time.nowMs + forMs);
    const { messages, bytes } = this.#network.traffic;
    const perNodeAndSecond = (this.nodes.length * forMs) / 1000;
    return {
      messages: (messages - before.messages) / perNodeAndSecond,
      bytes: (bytes - before.bytes) / perNodeAndSecond,
    };
  }

  #idOf(index: number): NodeId {
    return nodeId(`n${String(index).padStart(4, "0")}`);
  }
}

export type Trouble = "none" | "a tenth 10 times slower" | "a tenth killed";

export interface JobAtScale {
  readonly elapsedMs: number;
  /** Scanned leaves over those that there are. */
  readonly work: number;
  readonly state: string;
  readonly traffic: Traffic;
}

const SLOWNESS = 10;
const MOST_MS = 600_000;
const TRAFFIC_MS = 5000;

/** A job whose scans would fill every thread of the cluster for `seconds`, and what befalls a tenth of its nodes. */
export function jobAtScale(nodes: number, seconds: number, trouble: Trouble, seed: number): JobAtScale {
  const leafMs = 1000;
  const leaves = Math.round((nodes * SLOTS * seconds * 1000) / leafMs);
  const cluster = new ScaleCluster({ nodes, seed, leaves, leafMs });
  cluster.start();
  if (cluster.until(() => cluster.viewsAgree, 120_000) === undefined) throw new Error("the views never agreed");
  cluster.time.runUntil(cluster.time.nowMs + 2000);
  const [first, ...others] = cluster.nodes;
  if (first === undefined) throw new Error("no node");
  const struck = others.filter((_, index) => index % 10 === 0);
  const beganMs = cluster.time.nowMs;
  const answer = submitJob(first);
  if (trouble === "a tenth 10 times slower") for (const node of struck) node.process.slowness = SLOWNESS;
  const traffic = cluster.traffic(TRAFFIC_MS);
  cluster.time.runUntil(beganMs + (seconds * 1000) / 2);
  if (trouble === "a tenth killed") for (const node of struck) node.crash();
  if (cluster.until(() => answer() !== undefined, MOST_MS) === undefined) throw new Error("the job has no end");
  const elapsedMs = cluster.time.nowMs - beganMs;
  const state = answer()?.status.state ?? "unknown";
  return { elapsedMs, work: cluster.scannedLeaves / leaves, state, traffic };
}

export interface MembersAtScale {
  /** From the first start until all agree. */
  readonly agreeMs: number | undefined;
  readonly joining: Traffic;
  readonly calm: Traffic;
  /** From the moment at which one falls silent until nobody counts on it. */
  readonly deathMs: number | undefined;
}

/** Before calm is measured, and how long at least: what everyone says in turn has to come once. */
const CALM_MS = 20_000;

/** Members without any job: from the first start to the moment at which one falls silent, with its connections open. */
export function membersAtScale(nodes: number, seed: number): MembersAtScale {
  const cluster = new ScaleCluster({ nodes, seed, leaves: 1, leafMs: 1 });
  cluster.start();
  const joining = cluster.traffic(nodes * START_EVERY_MS);
  const agreeMs = cluster.until(() => cluster.viewsAgree, 120_000);
  cluster.time.runUntil(cluster.time.nowMs + CALM_MS);
  const { announceMs } = PROTOCOL_SETTINGS;
  const calm = cluster.traffic(Math.max(CALM_MS, announceMs.default * announceStretch(nodes)));
  cluster.nodes.at(-1)?.process.freeze();
  const deathMs = cluster.until(() => cluster.viewsAgree, 120_000);
  return { agreeMs: agreeMs === undefined ? undefined : nodes * START_EVERY_MS + agreeMs, joining, calm, deathMs };
}
