/**
 * Computing vertices on this node: each content key once, whoever waits for it, and only as long as somebody does. A vertex
 * of which a child is too large to be sent is not merged here unless somebody needs it whole: who waits is told where what
 * it is made of lies.
 */

import type { VertexKey } from "../../base/ids.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import { manifestDigest } from "../../job/manifest.js";
import { type Vertex, vertexName } from "../../job/tree.js";
import type { JobContext } from "./job-context.js";
import { lostDetail, MOST_LOSSES } from "./lost-values.js";
import type { Puller, VertexFailure, VertexProgress } from "./reduction-events.js";
import type { ReductionState } from "./reduction-state.js";
import { queuedBytesOf } from "./root-progress.js";
import { ScanTurns } from "./scan-turns.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";
import { VertexTask, type Waiter } from "./vertex-task.js";
import { isWhole, keyOfWant, type VertexWant, WHOLE } from "./vertex-want.js";

/** A scan that is no further than this ends with the last one who asked for it; one that is further goes on by foresight. */
const YOUNG_SHARE = 0.1;

/** Beyond so many a vertex is merged where it is asked for: their list goes to whoever merges a part. */
const MAX_FINISHED = 4096;

type ServedVertex = Pick<VertexTask, "context" | "vertex" | "key">;

const wantOf = (waiter: Waiter): VertexWant =>
  waiter.kind === "puller" ? waiter.want : waiter.kind === "fetch" ? waiter.fetch.want : WHOLE;

/** Whether the waiter has the names for vertices that the task has. */
function isOfSameJob(waiter: Waiter, task: VertexTask): boolean {
  if (waiter.kind === "own") return false;
  const { manifest } = waiter.kind === "puller" ? waiter.context : waiter.fetch.context;
  return manifestDigest(manifest) === manifestDigest(task.context.manifest);
}

/** Why a slice cannot be given. */
export const otherBasis = (vertex: Vertex): string =>
  `the partial of vertex ${vertexName(vertex)} is another one than was merged elsewhere`;

/** What tasks ask of the fetches of this node: those of their children, and those that wait for them. */
export interface TaskFetches {
  advance(fetch: VertexFetch): void;
  /** `by` computed the value of the fetch's vertex, or knows where it lies. */
  computed(fetch: VertexFetch, by: Attempt, finished?: readonly FinishedVertex[]): void;
  abandon(fetch: VertexFetch): void;
  /** How an attempt fares. */
  heard(fetch: VertexFetch, attempt: Attempt, progress: VertexProgress): void;
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
    const want = this.#workFor(waiter);
    const key = keyOfWant(context.keyOf(vertex), want);
    const known = tasks.get(key);
    if (known !== undefined) {
      known.waiters.push(waiter);
      return;
    }
    const task = new VertexTask(context, vertex, want);
    task.waiters.push(waiter);
    tasks.set(key, task);
    this.askForChildren(task);
    this.mergeIfComplete(task);
  }

  /** Like {@link join} for a span that nobody scans here: it is merged of its children, wherever those are scanned. */
  open(context: JobContext, vertex: Vertex, waiter: Waiter): void {
    const { tasks } = this.#state;
    const want = this.#workFor(waiter);
    const key = keyOfWant(context.keyOf(vertex), want);
    const queued = tasks.get(key);
    if (queued !== undefined && queued.state !== "queued") {
      this.join(context, vertex, waiter);
      return;
    }
    const task = new VertexTask(context, vertex, want, true);
    task.waiters = [...(queued?.waiters ?? []), waiter];
    tasks.set(key, task);
    this.askForChildren(task);
    this.mergeIfComplete(task);
  }

  /** What has to be computed: whoever needs the vertex whole needs its children whole. */
  #workFor(waiter: Waiter): VertexWant {
    const want = wantOf(waiter);
    if (want.kind === "part" || want.kind === "first") return want;
    return isWhole(want) ? WHOLE : { kind: "value", inlineBytes: this.#state.options.protocol.inlineBytes };
  }

  /** Asks for what may be asked for now; again as answers come, where there are more children than that. */
  askForChildren(task: VertexTask): void {
    if (task.isAsking) return;
    task.isAsking = true;
    const isOpen = (): boolean => task.state === "gathering" && this.#state.tasks.get(task.key) === task;
    let asked: readonly VertexFetch[] = [];
    for (let wanted = task.wantedChildren; isOpen(); wanted = task.wantedChildren) {
      // What was here at once makes room for more.
      const fresh = wanted.filter((child) => !asked.includes(child));
      if (fresh.length === 0) break;
      for (const child of fresh) if (isOpen()) this.#fetches.advance(child);
      asked = wanted;
    }
    task.isAsking = false;
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
    const progress = task.progress(queuedBytesOf(tasks), scannedBytes);
    for (const waiter of [...task.waiters]) {
      if (waiter.kind === "fetch") this.#fetches.heard(waiter.fetch, waiter.attempt, progress);
      if (waiter.kind !== "puller" || !waiter.knowsOfQueue) continue;
      waiter.knowsOfQueue = false;
      this.#state.emit({ kind: "progress", puller: waiter.puller, progress });
    }
  }

  mergeIfComplete(task: VertexTask): void {
    if (task.state !== "gathering") return;
    const needed = task.childrenToMerge((key) => this.#state.options.sizeOf(key)?.groups ?? 0);
    if (needed === undefined) return;
    for (const child of task.children.slice(needed.length)) this.#fetches.abandon(child);
    task.children = needed;
    if (task.children.some((child) => child.finished !== undefined)) {
      this.#tellWhere(task);
      return;
    }
    task.state = "working";
    const children = task.children.map((child) => child.key);
    const { manifest } = task.context;
    this.#state.emit({ kind: "merge", key: task.key, manifest, children, isPart: task.want.kind === "part" });
  }

  /**
   * The vertex is too large to be merged on the way: whoever needs no more is told what it is made of, by names of the job
   * that it is computed for. To another job's waiters these mean other vertices, or none.
   */
  #tellWhere(task: VertexTask): void {
    const canBeTold = (waiter: Waiter): boolean => !isWhole(wantOf(waiter)) && isOfSameJob(waiter, task);
    const finished = task.waiters.some(canBeTold) ? this.#finishedBelow(task) : undefined;
    const told = finished === undefined ? [] : task.waiters.filter(canBeTold);
    task.waiters = task.waiters.filter((waiter) => !told.includes(waiter));
    if (task.waiters.length === 0) {
      this.#end(task);
    } else {
      task.wantWholeChildren();
      this.askForChildren(task);
    }
    for (const waiter of told) {
      if (finished === undefined || waiter.kind === "own") continue;
      if (waiter.kind === "fetch") this.#fetches.computed(waiter.fetch, waiter.attempt, finished);
      else this.#state.emit({ kind: "serve-places", puller: waiter.puller, finished, isFound: false });
    }
  }

  /** Undefined if the value of a child cannot be cut, or they are too many for one message. */
  #finishedBelow({ context, children }: VertexTask): readonly FinishedVertex[] | undefined {
    const { options, view } = this.#state;
    const all: FinishedVertex[] = [];
    for (const { finished, vertex, key, source } of children) {
      if (finished !== undefined) {
        all.push(...finished);
        continue;
      }
      const size = options.sizeOf(key);
      if (size === undefined) return undefined;
      all.push({ ...size, vertex, node: source ?? view.self });
      if (source === view.self) this.#state.lend(context.manifest.jobId, key, size.bytes);
    }
    return all.length > MAX_FINISHED ? undefined : all;
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
    paces.note(task.context.workOf(task.vertex), view.self, task.bytes / Math.max(1, nowMs - task.begunAtMs));
  }

  done(key: VertexKey): void {
    const task = this.#state.tasks.get(key);
    if (task === undefined) return;
    if (task.isSpan) this.#scannedWhole(task);
    this.#end(task);
    if (task.want.kind === "value") this.#state.emit({ kind: "keep", key });
    for (const waiter of task.waiters) {
      if (waiter.kind === "puller") this.serve({ ...waiter, key }, waiter.puller, waiter.want, false);
      if (waiter.kind === "fetch") this.#fetches.computed(waiter.fetch, waiter.attempt);
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
    task.refetch(lost);
    this.askForChildren(task);
    this.mergeIfComplete(task);
  }

  /** Gives a puller what it wants of a value that is here. */
  serve({ context, vertex, key }: ServedVertex, puller: Puller, want: VertexWant, isFound: boolean): void {
    const { options, view } = this.#state;
    if (want.kind === "slice") {
      if (options.sizeOf(key)?.basis !== want.basis) {
        this.#state.emit({ kind: "refuse", puller, failure: "failed", detail: otherBasis(vertex) });
        return;
      }
    }
    if (want.kind === "value" && want.inlineBytes !== undefined) {
      const size = options.sizeOf(key);
      if (size !== undefined && size.bytes > want.inlineBytes) {
        this.#state.lend(context.manifest.jobId, key, size.bytes);
        const finished = [{ ...size, vertex, node: view.self }];
        this.#state.emit({ kind: "serve-places", puller, finished, isFound });
        return;
      }
    }
    this.#state.emit({ kind: "serve", puller, key, manifest: context.manifest, vertex, want, isFound });
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
