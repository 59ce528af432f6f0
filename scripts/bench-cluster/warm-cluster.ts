/** Nodes on loopback over one directory of logs, a connected client, and what the nodes have read so far. */

import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest } from "../../src/job/request.js";
import { NodeClient, type ResultOfJob } from "../../src/node/adapters/grpc/node-client.js";
import { type LocalNode, startNode } from "../demo/commands.js";
import type { Workspace } from "../demo/workspace.js";

const POLL_MS = 50;

const requestOf = (sql: string): JobRequest => ({
  sql,
  allowIncomplete: false,
  deadlineMs: DEFAULT_DEADLINE_MS,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
});

/** Bytes that a process has asked its kernel for; the store's are mapped and not among them. */
export function bytesReadBy({ pid }: Pick<LocalNode, "pid">): number {
  const found = /^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"));
  return Number(found?.[1] ?? Number.NaN);
}

/** Bytes of input that a node says it has scanned in this life. */
export async function bytesScannedBy({ http }: Pick<LocalNode, "http">): Promise<number> {
  const metrics = await (await fetch(`http://${http}/metrics`)).text();
  return Number(/^logmr_scanned_bytes_total (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN);
}

export class WarmCluster {
  readonly logs: string;
  readonly nodes: LocalNode[] = [];
  readonly #workspace: Workspace;
  readonly #name: string;
  readonly #threads: number;
  #client: NodeClient | undefined;

  /** `name` sets its files apart from those of other clusters in the workspace. */
  constructor(workspace: Workspace, name: string, threads: number) {
    this.#workspace = workspace;
    this.#name = name;
    this.#threads = threads;
    this.logs = join(workspace.directory, `${name}-logs`);
    mkdirSync(this.logs);
  }

  /** Starts one more node; a name that was used before is that node's next life. */
  async start(index = this.nodes.length): Promise<LocalNode> {
    const [first] = this.nodes;
    const joins = first === undefined || index === 0 ? {} : { join: first.listen };
    const name = `${this.#name}-${index}`;
    const node = await startNode(this.#workspace, { name, logs: this.logs, threads: this.#threads, ...joins });
    this.nodes[index] = node;
    return node;
  }

  get client(): NodeClient {
    this.#client ??= new NodeClient(this.nodes[0]?.grpc ?? "");
    return this.#client;
  }

  /** Waits until the first node sees all of them. */
  async settle(): Promise<void> {
    for (;;) {
      const members = await this.client.members();
      if (members.filter(({ state }) => state === "alive").length === this.nodes.length) return;
      await pause(POLL_MS);
    }
  }

  async submit(sql: string): Promise<string> {
    return (await this.client.submit(randomUUID(), requestOf(sql))).jobId;
  }

  /** From the call of submit to the last row. */
  async run(sql: string): Promise<{ readonly milliseconds: number; readonly answer: ResultOfJob }> {
    const startMs = performance.now();
    const answer = await this.client.result(await this.submit(sql));
    return { milliseconds: performance.now() - startMs, answer };
  }

  bytesRead(): number {
    return this.nodes.reduce((sum, node) => sum + bytesReadBy(node), 0);
  }

  /** Ends every node, and forgets the client of the first. */
  async kill(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    await Promise.all(this.nodes.map((node) => node.kill()));
  }
}
