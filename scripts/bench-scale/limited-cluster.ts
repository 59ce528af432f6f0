/**
 * Nodes on loopback, each in a control group of its own that gives it a fixed share of a core, so that several on one
 * machine show what as many machines would.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest } from "../../src/job/request.js";
import { NodeClient } from "../../src/node/adapters/grpc/node-client.js";
import { BenchError } from "../bench/measure.js";
import { bytesReadBy } from "../bench-cluster/warm-cluster.js";
import { type LocalNode, startNode } from "../demo/commands.js";
import type { Workspace } from "../demo/workspace.js";
import type { CpuGroup, CpuGroups } from "./cpu-groups.js";
import type { Source } from "./input-files.js";
import { trafficAmong } from "./traffic.js";

const POLL_MS = 50;
const SETTLE_TIMEOUT_MS = 30_000;
/** Work is placed by members that have kept still for a second. */
const STABLE_MS = 1_200;

/** One job on a cluster. */
export interface Trial {
  readonly seconds: number;
  /** Of each node. */
  readonly cpuSeconds: readonly number[];
  /** What each node received from others; undefined where that is not known. */
  readonly receivedBytes: readonly number[] | undefined;
  /** Rows and counters, to be compared. */
  readonly answer: string;
}

interface LimitedNode extends LocalNode {
  readonly group: CpuGroup;
}

export interface Machine {
  readonly workspace: Workspace;
  readonly groups: CpuGroups;
  /** Of a core, for each node. */
  readonly share: number;
}

const requestOf = (sql: string): JobRequest => ({
  sql,
  allowIncomplete: false,
  deadlineMs: DEFAULT_DEADLINE_MS,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
});

let clusters = 0;

export class LimitedCluster {
  readonly nodes: LimitedNode[] = [];
  #started = 0;
  readonly #machine: Machine;
  readonly #name: string;
  readonly #source: Source;
  #client: NodeClient | undefined;

  constructor(machine: Machine, source: Source) {
    clusters += 1;
    this.#machine = machine;
    this.#name = `scale-${clusters}`;
    this.#source = source;
  }

  /** Starts one more node with one thread, without a limit as yet. */
  async start(): Promise<void> {
    const index = this.#started;
    this.#started += 1;
    const [first] = this.nodes;
    const name = `${this.#name}-${index}`;
    const { isPrivate, directoryOf } = this.#source;
    const options = { name, logs: directoryOf(index), isPrivate, threads: 1 };
    const node = await startNode(this.#machine.workspace, {
      ...options,
      ...(first === undefined ? {} : { join: first.listen }),
    });
    const group = this.#machine.groups.create(name);
    group.adopt(node.pid);
    this.nodes.push({ ...node, group });
  }

  get client(): NodeClient {
    this.#client ??= new NodeClient(this.nodes[0]?.grpc ?? "");
    return this.#client;
  }

  /** Waits until every node sees all of them, and places work accordingly. */
  async settle(): Promise<void> {
    const startMs = performance.now();
    for (const node of this.nodes) {
      const client = new NodeClient(node.grpc);
      try {
        while ((await client.members()).filter(({ state }) => state === "alive").length < this.nodes.length) {
          if (performance.now() - startMs > SETTLE_TIMEOUT_MS) {
            throw new BenchError(`the nodes did not find each other within ${SETTLE_TIMEOUT_MS} ms:\n${node.report()}`);
          }
          await pause(POLL_MS);
        }
      } finally {
        client.close();
      }
    }
    await pause(STABLE_MS);
  }

  limit(cores: number | undefined = this.#machine.share): void {
    for (const { group } of this.nodes) group.limit(cores);
  }

  async submit(sql: string): Promise<string> {
    return (await this.client.submit(randomUUID(), requestOf(sql))).jobId;
  }

  /** From the call of submit to the last row. Throws a {@link BenchError} for an answer that is not whole. */
  async run(sql: string): Promise<Trial> {
    const receivedBefore = this.#received();
    const cpuBefore = this.#cpuSeconds();
    const startMs = performance.now();
    const { status, table } = await this.client.result(await this.submit(sql));
    const seconds = (performance.now() - startMs) / 1000;
    const cpuAfter = this.#cpuSeconds();
    const receivedAfter = this.#received();
    if (status.state !== "COMPLETED") throw new BenchError(`the job ended ${status.state}: ${status.error}`);
    return {
      seconds,
      cpuSeconds: cpuAfter.map((after, node) => after - (cpuBefore[node] ?? 0)),
      receivedBytes: receivedAfter?.map((after, node) => after - (receivedBefore?.[node] ?? 0)),
      answer: JSON.stringify([table.rows, table.counters], (_, value: unknown) =>
        typeof value === "bigint" ? `${value}` : value,
      ),
    };
  }

  /** What the nodes have asked their kernel for so far, logs above all. */
  bytesRead(): number {
    return this.nodes.reduce((sum, node) => sum + bytesReadBy(node), 0);
  }

  async kill(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  #cpuSeconds(): readonly number[] {
    return this.nodes.map(({ group }) => group.cpuSeconds());
  }

  #received(): readonly number[] | undefined {
    const received = trafficAmong(this.nodes.map(({ pid }) => pid));
    return received && this.nodes.map(({ pid }) => received.get(pid) ?? 0);
  }
}
