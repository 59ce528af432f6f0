/**
 * A job on a terminal until it ends. How far each node is only the one knows that computes the root, which may change: it
 * is asked beside the node that is watched.
 */

import { isTerminal, type JobStatus, type NodeProgress } from "../job/status.js";
import { NodeClient } from "../node/adapters/grpc/node-client.js";
import { jobView, ProgressRate } from "./job-view.js";
import type { OutputStream } from "./output/print-table.js";
import { terminalColumns } from "./output/terminal-columns.js";
import { RedrawnLines } from "./redrawn-lines.js";

const REDRAW_MS = 500;

/** What it needs of a client of the cluster. */
export interface JobWatcher {
  watch(jobId: string, onStatus: (status: JobStatus) => void): Promise<void>;
  members(): Promise<readonly { readonly id: string; readonly grpc: string }[]>;
}

/** A client of one node. */
export type NodeStatus = Pick<NodeClient, "status" | "close">;

export class LiveStatus {
  readonly #watcher: JobWatcher;
  readonly #job: string;
  readonly #stream: OutputStream;
  readonly #open: (address: string) => NodeStatus;
  readonly #lines: RedrawnLines;
  readonly #rate = new ProgressRate();
  #latest: JobStatus | undefined;
  #root: { readonly id: string; readonly client: NodeStatus } | undefined;
  #nodeProgress: readonly NodeProgress[] = [];

  constructor(
    watcher: JobWatcher,
    job: string,
    stream: OutputStream,
    open: (address: string) => NodeStatus = (address) => new NodeClient(address),
  ) {
    this.#watcher = watcher;
    this.#job = job;
    this.#stream = stream;
    this.#open = open;
    this.#lines = new RedrawnLines(stream);
  }

  /** Resolves when the job has ended, with its end on the screen. */
  async follow(): Promise<void> {
    const timer = setInterval(() => this.refresh().then(() => this.#draw()), REDRAW_MS);
    try {
      await this.#watcher.watch(this.#job, (status) => {
        this.#latest = status;
        this.#rate.add(performance.now(), status.bytesDone);
        if (isTerminal(status.state)) this.#draw();
      });
    } finally {
      clearInterval(timer);
      this.#root?.client.close();
    }
  }

  /** Asks the node of the root how far each node is; what cannot be learned is left as it was. */
  async refresh(): Promise<void> {
    const root = this.#latest?.root;
    if (root === undefined || root === null) return;
    try {
      const client = await this.#clientOf(root);
      const status = await client?.status(this.#job);
      if (status !== undefined && status.nodeProgress.length > 0) this.#nodeProgress = status.nodeProgress;
    } catch {
      this.#root?.client.close();
      this.#root = undefined;
    }
  }

  async #clientOf(root: string): Promise<NodeStatus | undefined> {
    if (this.#root?.id === root) return this.#root.client;
    this.#root?.client.close();
    this.#root = undefined;
    const member = (await this.#watcher.members()).find(({ id }) => id === root);
    if (member === undefined) return undefined;
    const client = this.#open(member.grpc);
    this.#root = { id: root, client };
    return client;
  }

  #draw(): void {
    if (this.#latest === undefined) return;
    const ended = isTerminal(this.#latest.state);
    const status = { ...this.#latest, nodeProgress: ended ? [] : this.#nodeProgress };
    this.#lines.draw(jobView(status, this.#rate.bytesPerSecond, terminalColumns(this.#stream)));
  }
}
