/** Computing one vertex on this node, for everyone here who waits for it. */

import type { JobId, VertexKey } from "../../base/ids.js";
import { childrenOf, type Vertex } from "../../job/tree.js";
import type { JobContext } from "./job-context.js";
import type { Puller, VertexProgress } from "./reduction-events.js";
import { type Attempt, VertexFetch } from "./vertex-fetch.js";

/**
 * Who waits for a vertex: a peer that pulls it, a fetch of this node (of its root or of a child), or nobody but the
 * foresight that starts a node's own spans.
 */
export type Waiter =
  | { readonly kind: "puller"; readonly puller: Puller; progressAtMs: number; knowsOfQueue: boolean }
  | { readonly kind: "fetch"; readonly fetch: VertexFetch; readonly attempt: Attempt }
  | { readonly kind: "own"; readonly jobId: JobId };

/** `queued`: a span that waits for a slot. `gathering`: children are being fetched. `working`: at the map pool. */
export type TaskState = "queued" | "gathering" | "working";

export class VertexTask {
  readonly context: JobContext;
  readonly vertex: Vertex;
  readonly key: VertexKey;
  readonly isSpan: boolean;
  readonly bytes: number;
  readonly waiters: Waiter[] = [];
  children: readonly VertexFetch[];
  state: TaskState;
  /** How often values of its children were lost that had been here. */
  losses = 0;
  scannedBytes = 0;
  /** When the scan began. */
  begunAtMs = 0;

  constructor(context: JobContext, vertex: Vertex) {
    this.context = context;
    this.vertex = vertex;
    this.key = context.keyOf(vertex);
    this.isSpan = context.isSpan(vertex);
    this.bytes = context.bytesOf(vertex);
    this.children = this.isSpan
      ? []
      : childrenOf(context.shape, vertex).map((child) => new VertexFetch(context, child, this.key));
    this.state = this.isSpan ? "queued" : "gathering";
  }

  /** Someone besides this node's own foresight wants it. */
  get isWanted(): boolean {
    return this.waiters.some((waiter) => waiter.kind !== "own");
  }

  get doneBytes(): number {
    return this.isSpan ? this.scannedBytes : this.children.reduce((sum, child) => sum + child.doneBytes, 0);
  }

  /** What pullers are told; `queuedBytes` and `scannedBytes` are the node's. */
  progress(queuedBytes: number, scannedBytes: number): VertexProgress {
    const isWaiting = this.state === "queued";
    const { doneBytes } = this;
    const below = this.children.reduce((sum, child) => sum + child.activity, 0);
    return { doneBytes, queuedBytes, isWaiting, activity: isWaiting ? scannedBytes : doneBytes + below };
  }
}
