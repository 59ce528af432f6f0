/**
 * Reduction: how vertices come to be. Whoever needs one asks for it; a node computes what it is asked for, by scanning a
 * span or by merging exactly one copy of each child. Work on one content key happens once in a node, whoever waits.
 */

import type { JobId, NodeId, VertexKey } from "../../base/ids.js";
import { manifestDigest } from "../../job/manifest.js";
import type { Vertex } from "../../job/tree.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { Cover } from "./cover.js";
import { HeldValues } from "./held-values.js";
import { JobContext } from "./job-context.js";
import type { Pull, ReductionEffect, ReductionInput, VertexFailure } from "./reduction-events.js";
import { doneBytesOf, doneSpansOf, queuedBytesOf } from "./root-progress.js";
import { type OpenPull, type RunningJob, runningJob } from "./running-job.js";
import { ScanTurns } from "./scan-turns.js";
import { type Attempt, VertexFetch } from "./vertex-fetch.js";
import { VertexTask, type Waiter } from "./vertex-task.js";

export interface ReductionOptions {
  readonly protocol: Protocol;
  /** Spans scanned at a time. */
  readonly scanSlots: number;
  /** Nobody else can be asked: the first failure is the job's. */
  readonly failFast: boolean;
  /** Whether the driver has the vertex's value at hand, from memory or store. */
  readonly hasValue: (key: VertexKey) => boolean;
}

type Input<Kind extends ReductionInput["kind"]> = Extract<ReductionInput, { kind: Kind }>;

export class ReductionCore {
  readonly #options: ReductionOptions;
  readonly #jobs = new Map<JobId, RunningJob>();
  readonly #tasks = new Map<VertexKey, VertexTask>();
  readonly #pulls = new Map<Pull, OpenPull>();
  readonly #held = new HeldValues();
  readonly #turns = new ScanTurns();
  #view: View;
  #nextPull = 1;
  #scanning = 0;
  #nowMs = 0;
  #effects: ReductionEffect[] = [];

  constructor(view: View, options: ReductionOptions) {
    this.#view = view;
    this.#options = options;
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  step(nowMs: number, input: ReductionInput): readonly ReductionEffect[] {
    this.#effects = [];
    this.#nowMs = nowMs;
    this.#take(input);
    this.#startScans();
    return this.#effects;
  }

  get isBusy(): boolean {
    return this.#tasks.size > 0 || this.#pulls.size > 0 || this.#jobs.size > 0;
  }

  #take(input: ReductionInput): void {
    switch (input.kind) {
      case "view":
        this.#view = input.view;
        for (const job of this.#jobs.values()) this.#startOwnSpans(job);
        this.#advanceAll();
        break;
      case "work":
        this.#onWork(input);
        break;
      case "cover":
        this.#onCover(input.jobId);
        break;
      case "rest":
        this.#onRest(input.jobId);
        break;
      case "pulled":
        this.#onPulled(input);
        break;
      case "puller-gone":
        this.#leave((waiter) => waiter.kind === "puller" && waiter.puller === input.puller);
        break;
      case "task-progress":
        this.#onTaskProgress(input.key, input.doneBytes);
        break;
      case "task-done":
        this.#onTaskDone(input.key);
        break;
      case "task-failed":
        this.#onTaskFailed(input.key, input.failure, input.detail);
        break;
      case "pull-progress":
        this.#onPullProgress(input);
        break;
      case "pull-done":
        this.#onPullDone(input.pull);
        break;
      case "pull-failed":
        this.#onPullFailed(input);
        break;
      case "tick":
        this.#advanceAll();
        this.#report();
        return;
    }
  }

  #onWork({ manifest, root }: Input<"work">): void {
    const digest = manifestDigest(manifest);
    const known = this.#jobs.get(manifest.jobId);
    if (known !== undefined && known.digest !== digest) this.#onRest(manifest.jobId);
    const job = this.#jobs.get(manifest.jobId) ?? runningJob(new JobContext(manifest), digest);
    this.#jobs.set(manifest.jobId, job);
    if (root && job.root === undefined) {
      job.root = new VertexFetch(job.context, job.context.root, undefined);
      this.#advance(job.root);
    }
    this.#startOwnSpans(job);
  }

  #startOwnSpans(job: RunningJob): void {
    for (const span of job.context.placement(this.#view).spansOwnedBy(this.#view.self)) {
      const key = job.context.keyOf(span);
      const jobId = job.context.manifest.jobId;
      if (this.#tasks.has(key) || this.#options.hasValue(key)) continue;
      this.#join(job.context, span, { kind: "own", jobId });
    }
  }

  #onCover(jobId: JobId): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined || job.cover !== undefined) return;
    job.cover = new Cover(job.context, this.#view, this.#nowMs, this.#options.protocol);
    this.#advanceCover(job.cover);
  }

  #advanceCover(cover: Cover): void {
    if (cover.isOver) return;
    for (const late of cover.giveUp(this.#nowMs)) this.#abandon(late);
    for (const fetch of cover.fetches) this.#advance(fetch);
    if (cover.isOver || !cover.isComplete) return;
    cover.isOver = true;
    const keys = cover.fetches.map((fetch) => fetch.key);
    const { doneBytes, missingFiles: missing } = cover;
    this.#effects.push({ kind: "cover-ready", manifest: cover.context.manifest, keys, doneBytes, missing });
  }

  #onRest(jobId: JobId): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    this.#jobs.delete(jobId);
    if (job.root !== undefined) this.#abandon(job.root);
    for (const fetch of job.cover?.fetches ?? []) this.#abandon(fetch);
    this.#leave((waiter) => waiter.kind === "own" && waiter.jobId === jobId);
  }

  #onPulled({ puller, manifest, vertex }: Input<"pulled">): void {
    const context = this.#jobs.get(manifest.jobId)?.context ?? new JobContext(manifest);
    const key = context.keyOf(vertex);
    if (this.#options.hasValue(key)) {
      this.#effects.push({ kind: "serve", puller, key });
      this.#forgetUnheld(key);
      return;
    }
    this.#join(context, vertex, { kind: "puller", puller, progressAtMs: this.#nowMs });
  }

  /** Makes someone wait for a vertex computed here, beginning the work if nobody did yet. */
  #join(context: JobContext, vertex: Vertex, waiter: Waiter): void {
    const key = context.keyOf(vertex);
    const known = this.#tasks.get(key);
    if (known !== undefined) {
      known.waiters.push(waiter);
      return;
    }
    const task = new VertexTask(context, vertex);
    task.waiters.push(waiter);
    this.#tasks.set(key, task);
    for (const child of task.children) this.#advance(child);
    this.#mergeIfComplete(task);
  }

  #startScans(): void {
    while (this.#scanning < this.#options.scanSlots) {
      const task = this.#turns.next(this.#tasks.values());
      if (task === undefined) return;
      task.state = "working";
      this.#scanning += 1;
      this.#effects.push({ kind: "scan", key: task.key, manifest: task.context.manifest, vertex: task.vertex });
    }
  }

  /** Asks for a vertex wherever it is time to ask, unless its value is here. */
  #advance(fetch: VertexFetch): void {
    const node = fetch.next(this.#nowMs, this.#view, this.#options.protocol);
    if (node === undefined) return;
    if (this.#options.hasValue(fetch.key)) this.#deliver(fetch);
    else this.#ask(fetch, node);
  }

  #ask(fetch: VertexFetch, node: NodeId): void {
    const isOwn = node === this.#view.self;
    const pull = isOwn ? undefined : this.#nextPull++;
    const replaced = fetch.begin(node, pull, this.#nowMs);
    if (replaced !== undefined) this.#close(fetch, replaced);
    const attempt = fetch.attempts.at(-1);
    if (attempt === undefined) return;
    if (pull === undefined) {
      this.#join(fetch.context, fetch.vertex, { kind: "fetch", fetch, attempt });
      return;
    }
    this.#pulls.set(pull, { fetch, attempt });
    const { manifest } = fetch.context;
    this.#effects.push({ kind: "pull", pull, from: node, manifest, vertex: fetch.vertex, key: fetch.key });
  }

  #advanceAll(): void {
    for (const { root, cover } of this.#jobs.values()) {
      if (root !== undefined) this.#advance(root);
      if (cover !== undefined) this.#advanceCover(cover);
    }
    for (const task of [...this.#tasks.values()]) {
      if (task.state !== "gathering") continue;
      for (const child of task.children) this.#advance(child);
    }
  }

  /** The value of a fetch is at hand: its other attempts end, and whoever fetched goes on. */
  #deliver(fetch: VertexFetch): void {
    if (fetch.isDone) return;
    this.#held.hold(fetch.key);
    fetch.isDone = true;
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
    const parent = this.#parentOf(fetch);
    if (parent !== undefined) {
      this.#mergeIfComplete(parent);
      return;
    }
    const job = this.#jobs.get(fetch.context.manifest.jobId);
    if (job?.cover?.fetches.includes(fetch)) this.#advanceCover(job.cover);
    if (job?.root !== fetch) return;
    this.#tellRoot(job);
    this.#effects.push({ kind: "root-ready", manifest: fetch.context.manifest, key: fetch.key });
  }

  #parentOf(fetch: VertexFetch): VertexTask | undefined {
    const task = fetch.parent === undefined ? undefined : this.#tasks.get(fetch.parent);
    return task?.children.includes(fetch) ? task : undefined;
  }

  #mergeIfComplete(task: VertexTask): void {
    if (task.state !== "gathering" || task.children.some((child) => !child.isDone)) return;
    task.state = "working";
    const children = task.children.map((child) => child.key);
    this.#effects.push({ kind: "merge", key: task.key, manifest: task.context.manifest, children });
  }

  #onTaskProgress(key: VertexKey, doneBytes: number): void {
    const task = this.#tasks.get(key);
    if (task !== undefined) task.scannedBytes = Math.min(doneBytes, task.bytes);
  }

  #onTaskDone(key: VertexKey): void {
    const task = this.#tasks.get(key);
    if (task === undefined) return;
    this.#endTask(task);
    this.#effects.push({ kind: "keep", key });
    for (const waiter of task.waiters) {
      if (waiter.kind === "puller") this.#effects.push({ kind: "serve", puller: waiter.puller, key });
      if (waiter.kind === "fetch") this.#deliver(waiter.fetch);
    }
    this.#forgetUnheld(key);
  }

  #onTaskFailed(key: VertexKey, failure: VertexFailure, detail: string): void {
    const task = this.#tasks.get(key);
    if (task === undefined) return;
    this.#endTask(task);
    for (const waiter of task.waiters) {
      if (waiter.kind === "puller") {
        this.#effects.push({ kind: "refuse", puller: waiter.puller, failure, detail });
      } else if (waiter.kind === "fetch") {
        this.#attemptFailed(waiter.fetch, waiter.attempt, failure, detail);
      }
    }
  }

  #endTask(task: VertexTask): void {
    this.#tasks.delete(task.key);
    if (task.isSpan && task.state === "working") this.#scanning -= 1;
    for (const child of task.children) this.#abandon(child);
  }

  #onPullProgress({ pull, doneBytes, queuedBytes }: Input<"pull-progress">): void {
    const open = this.#pulls.get(pull);
    open?.fetch.heard(open.attempt, doneBytes, queuedBytes, this.#nowMs);
  }

  #onPullDone(pull: Pull): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#pulls.delete(pull);
    open.fetch.attempts.splice(open.fetch.attempts.indexOf(open.attempt), 1);
    this.#deliver(open.fetch);
  }

  #onPullFailed({ pull, failure, detail }: Input<"pull-failed">): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#pulls.delete(pull);
    this.#attemptFailed(open.fetch, open.attempt, failure, detail);
  }

  #attemptFailed(fetch: VertexFetch, attempt: Attempt, failure: VertexFailure, detail: string): void {
    fetch.failed(attempt, failure, detail);
    const verdict = fetch.verdict(this.#view, this.#options.failFast);
    if (verdict === undefined) {
      this.#advance(fetch);
      return;
    }
    const parent = this.#parentOf(fetch);
    if (parent !== undefined) {
      this.#onTaskFailed(parent.key, verdict.failure, verdict.detail);
      return;
    }
    const { manifest } = fetch.context;
    if (this.#jobs.get(manifest.jobId)?.root === fetch)
      this.#effects.push({ kind: "root-failed", manifest, ...verdict });
  }

  /** Ends a fetch without its value. */
  #abandon(fetch: VertexFetch): void {
    if (fetch.isDone) {
      this.#held.release(fetch.key);
      this.#forgetUnheld(fetch.key);
    }
    fetch.isDone = true;
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
  }

  #close(fetch: VertexFetch, attempt: Attempt): void {
    if (attempt.pull === undefined) {
      const task = this.#tasks.get(fetch.key);
      if (task !== undefined) this.#leaveTask(task, (waiter) => waiter.kind === "fetch" && waiter.attempt === attempt);
      return;
    }
    if (this.#pulls.delete(attempt.pull)) this.#effects.push({ kind: "cancel-pull", pull: attempt.pull });
  }

  /** Takes waiters away; work that nobody waits for ends. */
  #leave(isLeaving: (waiter: Waiter) => boolean): void {
    for (const task of [...this.#tasks.values()]) this.#leaveTask(task, isLeaving);
  }

  #leaveTask(task: VertexTask, isLeaving: (waiter: Waiter) => boolean): void {
    const at = task.waiters.findIndex(isLeaving);
    if (at < 0) return;
    task.waiters.splice(at, 1);
    if (task.waiters.length > 0 || this.#tasks.get(task.key) !== task) return;
    if (task.state === "working") this.#effects.push({ kind: "cancel-task", key: task.key });
    this.#endTask(task);
  }

  #forgetUnheld(key: VertexKey): void {
    if (!this.#held.isHeld(key)) this.#effects.push({ kind: "forget", key });
  }

  /** Tells pullers that their vertex is worked for, and the job core how far the roots here are. */
  #report(): void {
    const queuedBytes = queuedBytesOf(this.#tasks);
    for (const task of this.#tasks.values()) {
      const { doneBytes } = task;
      for (const waiter of task.waiters) {
        if (waiter.kind === "fetch") waiter.fetch.heard(waiter.attempt, doneBytes, queuedBytes, this.#nowMs);
        if (waiter.kind !== "puller" || this.#nowMs - waiter.progressAtMs < this.#options.protocol.pullProgressMs)
          continue;
        waiter.progressAtMs = this.#nowMs;
        this.#effects.push({ kind: "progress", puller: waiter.puller, doneBytes, queuedBytes });
      }
    }
    for (const job of this.#jobs.values()) this.#tellRoot(job);
  }

  #tellRoot(job: RunningJob): void {
    if (job.root === undefined) return;
    const doneBytes = doneBytesOf(job.root, this.#tasks);
    const doneSpans = doneSpansOf(job.root, this.#tasks);
    const told = `${doneBytes}:${doneSpans}`;
    if (told === job.told) return;
    job.told = told;
    this.#effects.push({ kind: "root-progress", jobId: job.context.manifest.jobId, doneBytes, doneSpans });
  }
}
