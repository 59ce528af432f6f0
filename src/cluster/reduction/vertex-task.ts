/** Computing one vertex, or a part of all its groups, on this node, for everyone here who waits for it. */

import type { JobId, VertexKey } from "../../base/ids.js";
import { childrenOf, spansOf, type Vertex } from "../../job/tree.js";
import { FirstRows } from "./first-rows.js";
import type { JobContext } from "./job-context.js";
import { refetched } from "./lost-values.js";
import type { Puller, VertexProgress } from "./reduction-events.js";
import { type Attempt, VertexFetch } from "./vertex-fetch.js";
import { keyOfWant, type VertexWant, WHOLE } from "./vertex-want.js";

/**
 * Who waits for a vertex: a peer that pulls it, a fetch of this node (of its root or of a child), or nobody but the
 * foresight that starts a node's own spans. Jobs share the work on what has the same content, and each has names of its own
 * for it: `context` and `vertex` are the waiter's.
 */
export type Waiter =
  | {
      readonly kind: "puller";
      readonly puller: Puller;
      readonly context: JobContext;
      readonly vertex: Vertex;
      readonly want: VertexWant;
      progressAtMs: number;
      knowsOfQueue: boolean;
    }
  | { readonly kind: "fetch"; readonly fetch: VertexFetch; readonly attempt: Attempt }
  | { readonly kind: "own"; readonly jobId: JobId };

/** `queued`: a span that waits for a slot. `gathering`: children are being fetched. `working`: at the map pool. */
export type TaskState = "queued" | "gathering" | "working";

/**
 * Slices that are asked for at a time for each part: some of each node, or a part would wait for answers most of its time.
 * Nobody sends progress of a slice: a node that very many are asked of at once, and that has little of a processor, would
 * seem silent, and the spans would be scanned again elsewhere.
 */
const OPEN_SLICES = 16;

export class VertexTask {
  readonly context: JobContext;
  readonly vertex: Vertex;
  readonly key: VertexKey;
  /** It is scanned; a span that was opened is merged of its children like a vertex above the spans. */
  readonly isSpan: boolean;
  readonly bytes: number;
  waiters: Waiter[] = [];
  /** A value, or a part: what else is wanted of a vertex comes from its value. */
  readonly want: VertexWant;
  children: readonly VertexFetch[];
  /** Set where not all of the children may be needed. */
  readonly #first: FirstRows | undefined;
  state: TaskState;
  /** How often values of its children were lost that had been here. */
  losses = 0;
  scannedBytes = 0;
  /** When the scan began. */
  begunAtMs = 0;
  /** Its children are being asked for just now. */
  isAsking = false;

  constructor(context: JobContext, vertex: Vertex, want: VertexWant, isOpened = false) {
    this.context = context;
    this.vertex = vertex;
    this.want = want;
    this.key = keyOfWant(context.keyOf(vertex), want);
    this.isSpan = want.kind === "value" && context.isSpan(vertex) && !isOpened;
    this.bytes = context.bytesOf(vertex);
    this.children = this.#childrenFor(want);
    this.#first = want.kind === "first" ? new FirstRows(want.rows) : undefined;
    this.state = this.isSpan ? "queued" : "gathering";
  }

  #childrenFor(want: VertexWant): readonly VertexFetch[] {
    const { context, vertex, key } = this;
    if (want.kind === "part") {
      return want.finished.map(({ vertex: child, node, basis }) => {
        return new VertexFetch(context, child, key, { kind: "slice", part: want.part, basis }, node);
      });
    }
    if (want.kind === "first") return spansOf(context.shape, vertex).map((span) => this.#fetchOf(span, WHOLE));
    return this.isSpan ? [] : childrenOf(context.shape, vertex).map((child) => this.#fetchOf(child, want));
  }

  #fetchOf(child: Vertex, want: VertexWant): VertexFetch {
    return new VertexFetch(this.context, child, this.key, want);
  }

  /** Children that may be asked for now. */
  get wantedChildren(): readonly VertexFetch[] {
    if (this.#first !== undefined) return this.#first.wanted(this.children);
    if (this.want.kind !== "part") return this.children;
    return this.children.filter((child) => !child.isDone).slice(0, OPEN_SLICES);
  }

  /** Once the vertex can be merged, those of its children that it is made of. `rowsOf`: of one that is done. */
  childrenToMerge(rowsOf: (key: VertexKey) => number): readonly VertexFetch[] | undefined {
    if (this.#first === undefined) return this.children.every((child) => child.isDone) ? this.children : undefined;
    const needed = this.#first.needed(this.children, rowsOf);
    return needed === undefined ? undefined : this.children.slice(0, needed);
  }

  /** Puts new fetches in the place of those whose values were lost. */
  refetch(lost: readonly VertexKey[]): void {
    this.children = refetched(this.children, lost);
    this.#first?.restart();
    this.state = "gathering";
  }

  /** Asks anew, for all of it, for each child of which only the place is known. */
  wantWholeChildren(): void {
    this.children = this.children.map((child) => {
      return child.finished === undefined ? child : this.#fetchOf(child.vertex, WHOLE);
    });
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
