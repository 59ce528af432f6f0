/**
 * Reduction: how vertices come to be. Whoever needs one asks for it; a node computes what it is asked for, by scanning a
 * span or by merging exactly one copy of each child. Work on one content key happens once in a node, whoever waits.
 */

import type { JobId, NodeId, VertexKey } from "../../base/ids.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import type { View } from "../member.js";
import { Cover } from "./cover.js";
import { JobContext } from "./job-context.js";
import { lostDetail } from "./lost-values.js";
import { Previews } from "./previews.js";
import type { ReductionEffect, ReductionInput, VertexFailure } from "./reduction-events.js";
import { type ReductionOptions, ReductionState } from "./reduction-state.js";
import { doneByNode, doneBytesOf, doneSpansOf, queuedBytesOf } from "./root-progress.js";
import { type RunningJob, runningJob } from "./running-job.js";
import { VertexFetch } from "./vertex-fetch.js";
import { VertexFetches } from "./vertex-fetches.js";
import type { VertexTasks } from "./vertex-tasks.js";

type Input<Kind extends ReductionInput["kind"]> = Extract<ReductionInput, { kind: Kind }>;

export class ReductionCore {
  readonly #state: ReductionState;
  readonly #fetches: VertexFetches;
  readonly #tasks: VertexTasks;
  readonly #previews: Previews;

  constructor(view: View, options: ReductionOptions) {
    this.#state = new ReductionState(view, options);
    this.#fetches = new VertexFetches(this.#state, {
      delivered: (fetch) => this.#delivered(fetch),
      hopeless: (fetch, failure, detail) => this.#hopeless(fetch, failure, detail),
    });
    this.#tasks = this.#fetches.tasks;
    this.#previews = new Previews(this.#state);
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  step(nowMs: number, input: ReductionInput): readonly ReductionEffect[] {
    this.#state.effects = [];
    this.#state.nowMs = nowMs;
    this.#take(input);
    this.#tasks.startScans();
    return this.#state.effects;
  }

  /** Bytes done of the spans of each node, for a job whose root is computed here. */
  doneByNode(id: JobId): ReadonlyMap<NodeId, number> {
    const { jobs, tasks, view } = this.#state;
    const job = jobs.get(id);
    return job?.root === undefined ? new Map() : doneByNode(job.root, tasks, job.context.placement(view));
  }

  get isBusy(): boolean {
    const { tasks, jobs } = this.#state;
    return tasks.size > 0 || jobs.size > 0 || this.#fetches.hasOpenPulls || this.#previews.isBusy;
  }

  #take(input: ReductionInput): void {
    switch (input.kind) {
      case "view":
        this.#state.view = input.view;
        this.#advanceAll();
        break;
      case "work":
        this.#onWork(input);
        break;
      case "cover":
        this.#onCover(input.jobId);
        break;
      case "cover-lost":
        this.#onCoverLost(input);
        break;
      case "rest":
        this.#onRest(input.jobId);
        break;
      case "pulled":
        this.#onPulled(input);
        break;
      case "value-lost":
        this.#compute(input);
        break;
      case "puller-gone":
        this.#tasks.leave((waiter) => waiter.kind === "puller" && waiter.puller === input.puller);
        break;
      case "task-progress":
        this.#tasks.progressed(input.key, input.doneBytes);
        break;
      case "task-done":
        this.#tasks.done(input.key);
        break;
      case "children-lost":
        this.#tasks.childrenLost(input.key, input.children);
        break;
      case "task-failed":
        this.#tasks.failed(input.key, input.failure, input.detail);
        break;
      case "pull-progress":
        this.#fetches.pullProgressed(input.pull, input.progress);
        break;
      case "pull-done":
        this.#fetches.pullDone(input.pull, input.isFound);
        break;
      case "pull-failed":
        this.#fetches.pullFailed(input.pull, input.failure, input.detail);
        break;
      case "preview":
        this.#previews.begin(input);
        break;
      case "preview-answered":
        this.#previews.answered(input.pull, input.key, input.doneBytes);
        break;
      case "preview-gone":
        this.#previews.withdraw(input.asker);
        break;
      case "tick":
        this.#report();
        this.#advanceAll();
        this.#previews.advance();
        break;
    }
  }

  #onWork({ manifest, root, isNew }: Input<"work">): void {
    const { jobs } = this.#state;
    const digest = manifestDigest(manifest);
    const known = jobs.get(manifest.jobId);
    if (known !== undefined && known.digest !== digest) this.#onRest(manifest.jobId);
    const job = jobs.get(manifest.jobId) ?? runningJob(new JobContext(manifest), digest);
    jobs.set(manifest.jobId, job);
    if (root && job.root === undefined) {
      job.root = new VertexFetch(job.context, job.context.root, undefined);
      this.#fetches.advance(job.root);
    }
    if (isNew && !job.hasForesight) this.#startOwnSpans(job);
  }

  /** Only for a new job: of one under way others may have them already, and whoever needs one asks. */
  #startOwnSpans(job: RunningJob): void {
    job.hasForesight = true;
    const { tasks, options, view } = this.#state;
    const { jobId } = job.context.manifest;
    for (const span of job.context.placement(view).spansOwnedBy(view.self)) {
      const key: VertexKey = job.context.keyOf(span);
      if (tasks.has(key) || options.hasValue(key)) continue;
      this.#tasks.join(job.context, span, { kind: "own", jobId });
    }
  }

  #onCover(jobId: JobId): void {
    const job = this.#state.jobs.get(jobId);
    if (job === undefined || job.cover !== undefined) return;
    const { view, nowMs, options } = this.#state;
    job.cover = new Cover(job.context, view, nowMs, options.protocol);
    this.#advanceCover(job.cover);
  }

  #onCoverLost({ jobId, keys }: Input<"cover-lost">): void {
    const cover = this.#state.jobs.get(jobId)?.cover;
    if (cover === undefined) return;
    const { manifest } = cover.context;
    const lost = cover.refetch(keys, this.#state.nowMs);
    if (lost === "too-often") {
      this.#state.emit({ kind: "root-failed", manifest, failure: "failed", detail: lostDetail(keys) });
      return;
    }
    for (const fetch of lost) this.#fetches.abandon(fetch);
    this.#advanceCover(cover);
  }

  #advanceCover(cover: Cover): void {
    if (cover.isOver) return;
    for (const late of cover.giveUp(this.#state.nowMs)) this.#fetches.abandon(late);
    for (const fetch of cover.fetches) this.#fetches.advance(fetch);
    if (cover.isOver || !cover.isComplete) return;
    cover.isOver = true;
    const keys = cover.fetches.map((fetch) => fetch.key);
    const { doneBytes, missingFiles: missing } = cover;
    this.#state.emit({ kind: "cover-ready", manifest: cover.context.manifest, keys, doneBytes, missing });
  }

  #onRest(jobId: JobId): void {
    const job = this.#state.jobs.get(jobId);
    if (job === undefined) return;
    this.#state.jobs.delete(jobId);
    if (job.root !== undefined) this.#fetches.abandon(job.root);
    for (const fetch of job.cover?.fetches ?? []) this.#fetches.abandon(fetch);
    this.#tasks.leave((waiter) => waiter.kind === "own" && waiter.jobId === jobId);
  }

  #onPulled(input: Input<"pulled">): void {
    const { puller, manifest, vertex } = input;
    const key = this.#contextOf(manifest).keyOf(vertex);
    if (!this.#state.options.hasValue(key)) {
      this.#compute(input);
      return;
    }
    this.#state.emit({ kind: "serve", puller, key, manifest, vertex, isFound: true });
    this.#state.forgetUnheld(key);
  }

  #compute({ puller, manifest, vertex }: Input<"pulled"> | Input<"value-lost">): void {
    const { options, nowMs } = this.#state;
    // The first report goes out with the next tick, so that whoever asked soon knows of a queue.
    const progressAtMs = nowMs - options.protocol.pullProgressMs;
    this.#tasks.join(this.#contextOf(manifest), vertex, { kind: "puller", puller, progressAtMs, knowsOfQueue: false });
  }

  #contextOf(manifest: Manifest): JobContext {
    return this.#state.jobs.get(manifest.jobId)?.context ?? new JobContext(manifest);
  }

  #advanceAll(): void {
    for (const { root, cover } of this.#state.jobs.values()) {
      if (root !== undefined) this.#fetches.advance(root);
      if (cover !== undefined) this.#advanceCover(cover);
    }
    this.#fetches.advanceChildren();
  }

  /** A root, or a part of a cover, is at hand. */
  #delivered(fetch: VertexFetch): void {
    const { manifest } = fetch.context;
    const job = this.#state.jobs.get(manifest.jobId);
    if (job?.cover?.fetches.includes(fetch)) this.#advanceCover(job.cover);
    if (job?.root !== fetch) return;
    this.#tellRoot(job);
    this.#state.emit({ kind: "root-ready", manifest, key: fetch.key });
  }

  #hopeless(fetch: VertexFetch, failure: VertexFailure, detail: string): void {
    const { manifest } = fetch.context;
    if (this.#state.jobs.get(manifest.jobId)?.root !== fetch) return;
    this.#state.emit({ kind: "root-failed", manifest, failure, detail });
  }

  /** Tells pullers that their vertex is worked for, and the job core how far the roots here are. */
  #report(): void {
    const { tasks, nowMs, options, scannedBytes } = this.#state;
    const queuedBytes = queuedBytesOf(tasks);
    for (const task of [...tasks.values()]) {
      const progress = task.progress(queuedBytes, scannedBytes);
      for (const waiter of [...task.waiters]) {
        if (waiter.kind === "fetch") this.#fetches.heard(waiter.fetch, waiter.attempt, progress);
        if (waiter.kind !== "puller" || nowMs - waiter.progressAtMs < options.protocol.pullProgressMs) continue;
        waiter.progressAtMs = nowMs;
        waiter.knowsOfQueue = progress.isWaiting;
        this.#state.emit({ kind: "progress", puller: waiter.puller, progress });
      }
    }
    for (const job of this.#state.jobs.values()) this.#tellRoot(job);
  }

  #tellRoot(job: RunningJob): void {
    if (job.root === undefined) return;
    const { tasks } = this.#state;
    const doneBytes = doneBytesOf(job.root, tasks);
    const doneSpans = doneSpansOf(job.root, tasks);
    const told = `${doneBytes}:${doneSpans}`;
    if (told === job.told) return;
    job.told = told;
    this.#state.emit({ kind: "root-progress", jobId: job.context.manifest.jobId, doneBytes, doneSpans });
  }
}
