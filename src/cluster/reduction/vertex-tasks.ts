/** Computing vertices on this node: each content key once, whoever waits for it, and only as long as somebody does. */

import type { VertexKey } from "../../base/ids.js";
import type { Vertex } from "../../job/tree.js";
import type { JobContext } from "./job-context.js";
import { lostDetail, MOST_LOSSES, refetched } from "./lost-values.js";
import type { VertexFailure } from "./reduction-events.js";
import type { ReductionState } from "./reduction-state.js";
import { queuedBytesOf } from "./root-progress.js";
import { ScanTurns } from "./scan-turns.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";
import { VertexTask, type Waiter } from "./vertex-task.js";

/** A scan that is no further than this ends with the last one who asked for it; one that is further goes on by foresight. */
const YOUNG_SHARE = 0.1;

/** What tasks ask of the fetches of this node: those of their children, and those that wait for them. */
export interface TaskFetches {
  advance(fetch: VertexFetch): void;
  /** `by` computed the value. */
  deliver(fetch: VertexFetch, by: Attempt): void;
  abandon(fetch: VertexFetch): void;
  attemptFailed(fetch: VertexFetch, attempt: Attempt, failure: VertexFailure, detail: string): void;
}

export class VertexTasks {
  readonly #state: ReductionState;
  readonly #fetches: TaskFetches;
  readonly #turns = new ScanTurns();
  #scanning = 0;

  constructor(state: ReductionState, fetches: TaskFetches) {
    this.#state = state;
    this.#fetches = fetches;
  }

  /** Makes someone wait for a vertex computed here, beginning the work if nobody did yet. */
  join(context: JobContext, vertex: Vertex, waiter: Waiter): void {
    const { tasks } = this.#state;
    const key = context.keyOf(vertex);
    const known = tasks.get(key);
    if (known !== undefined) {
      known.waiters.push(waiter);
      return;
    }
    const task = new VertexTask(context, vertex);
    task.waiters.push(waiter);
    tasks.set(key, task);
    for (const child of task.children) this.#fetches.advance(child);
    this.mergeIfComplete(task);
  }

  /** Hands the spans that wait to slots that are free. */
  startScans(): void {
    while (this.#scanning < this.#state.options.scanSlots) {
      const task = this.#turns.next(this.#state.tasks.values());
      if (task === undefined) return;
      task.state = "working";
      task.begunAtMs = this.#state.nowMs;
      this.#scanning += 1;
      this.#tellBegun(task);
      const { manifest } = task.context;
      this.#state.emit({ kind: "scan", key: task.key, manifest, vertex: task.vertex });
    }
  }

  /** Whoever was told that the span waits may be about to move it. */
  #tellBegun(task: VertexTask): void {
    const { tasks, scannedBytes } = this.#state;
    for (const waiter of task.waiters) {
      if (waiter.kind !== "puller" || !waiter.knowsOfQueue) continue;
      waiter.knowsOfQueue = false;
      const progress = task.progress(queuedBytesOf(tasks), scannedBytes);
      this.#state.emit({ kind: "progress", puller: waiter.puller, progress });
    }
  }

  mergeIfComplete(task: VertexTask): void {
    if (task.state !== "gathering" || task.children.some((child) => !child.isDone)) return;
    task.state = "working";
    const children = task.children.map((child) => child.key);
    this.#state.emit({ kind: "merge", key: task.key, manifest: task.context.manifest, children });
  }

  progressed(key: VertexKey, doneBytes: number): void {
    const task = this.#state.tasks.get(key);
    if (task !== undefined) this.#scanned(task, Math.min(doneBytes, task.bytes));
  }

  #scanned(task: VertexTask, doneBytes: number): void {
    this.#state.scannedBytes += Math.max(0, doneBytes - task.scannedBytes);
    task.scannedBytes = doneBytes;
  }

  #scannedWhole(task: VertexTask): void {
    const { paces, view, nowMs } = this.#state;
    this.#scanned(task, task.bytes);
    paces.note(task.context.manifest.planDigest, view.self, task.bytes / Math.max(1, nowMs - task.begunAtMs));
  }

  done(key: VertexKey): void {
    const task = this.#state.tasks.get(key);
    if (task === undefined) return;
    if (task.isSpan) this.#scannedWhole(task);
    this.#end(task);
    this.#state.emit({ kind: "keep", key });
    for (const waiter of task.waiters) {
      if (waiter.kind === "puller") {
        const { vertex, context } = task;
        const { puller } = waiter;
        this.#state.emit({ kind: "serve", puller, key, manifest: context.manifest, vertex, isFound: false });
      }
      if (waiter.kind === "fetch") this.#fetches.deliver(waiter.fetch, waiter.attempt);
    }
    this.#state.forgetUnheld(key);
  }

  /** Values that the store had are lost: those children are fetched anew, unless that happens again and again. */
  childrenLost(key: VertexKey, lost: readonly VertexKey[]): void {
    const task = this.#state.tasks.get(key);
    if (task === undefined) return;
    task.losses += 1;
    if (task.losses > MOST_LOSSES) {
      this.failed(key, "failed", lostDetail(lost));
      return;
    }
    for (const child of task.children) if (lost.includes(child.key)) this.#fetches.abandon(child);
    task.children = refetched(task.children, lost);
    task.state = "gathering";
    for (const child of task.children) this.#fetches.advance(child);
    this.mergeIfComplete(task);
  }

  failed(key: VertexKey, failure: VertexFailure, detail: string): void {
    const task = this.#state.tasks.get(key);
    if (task === undefined) return;
    this.#end(task);
    for (const waiter of task.waiters) {
      if (waiter.kind === "puller") {
        this.#state.emit({ kind: "refuse", puller: waiter.puller, failure, detail });
      } else if (waiter.kind === "fetch") {
        this.#fetches.attemptFailed(waiter.fetch, waiter.attempt, failure, detail);
      }
    }
  }

  /** Takes waiters away; work that nobody waits for ends. */
  leave(isLeaving: (waiter: Waiter) => boolean): void {
    for (const task of [...this.#state.tasks.values()]) this.leaveTask(task, isLeaving);
  }

  leaveTask(task: VertexTask, isLeaving: (waiter: Waiter) => boolean): void {
    const at = task.waiters.findIndex(isLeaving);
    if (at < 0) return;
    const [left] = task.waiters.splice(at, 1);
    // Whoever asked has it from elsewhere, or is gone and will be followed by one who asks: little is lost.
    const isYoung = task.isSpan && task.scannedBytes < YOUNG_SHARE * task.bytes;
    const isPointless = left?.kind !== "own" && isYoung && !task.isWanted;
    if (task.waiters.length === 0 || isPointless) this.drop(task);
  }

  /** Ends work whose value nobody needs any longer. */
  drop(task: VertexTask): void {
    if (this.#state.tasks.get(task.key) !== task) return;
    if (task.state === "working") this.#state.emit({ kind: "cancel-task", key: task.key });
    this.#end(task);
  }

  #end(task: VertexTask): void {
    this.#state.tasks.delete(task.key);
    if (task.isSpan && task.state === "working") this.#scanning -= 1;
    for (const child of task.children) this.#fetches.abandon(child);
  }
}
