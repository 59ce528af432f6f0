/**
 * Reduction: how vertices come to be. Whoever needs one asks for it; a node computes what it is asked for, by scanning a
 * span or by merging exactly one copy of each child. Work on one content key happens once in a node, whoever waits.
 */

import type { JobId, NodeId, VertexKey } from "../../base/ids.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import type { View } from "../member.js";
import { Cover } from "./cover.js";
import { JobContext } from "./job-context.js";
import { lostDetail } from "./lost-values.js";
import { OwnSlowness } from "./own-slowness.js";
import { Previews } from "./previews.js";
import type { PulledWant, ReductionEffect, ReductionInput, VertexFailure } from "./reduction-events.js";
import { type ReductionOptions, ReductionState } from "./reduction-state.js";
import { partBitsFor, RootParts } from "./root-parts.js";
import { doneByNode, doneBytesOf, doneSpansOf, queuedBytesOf } from "./root-progress.js";
import { type RunningJob, runningJob } from "./running-job.js";
import { VertexFetch } from "./vertex-fetch.js";
import { VertexFetches } from "./vertex-fetches.js";
import type { VertexTasks } from "./vertex-tasks.js";
import { keyOfWant, type VertexWant, WHOLE } from "./vertex-want.js";

/** Attempts to merge a root in parts; then it is merged whole. */
const MAX_PART_FAILURES = 2;

type Input<Kind extends ReductionInput["kind"]> = Extract<ReductionInput, { kind: Kind }>;

export class ReductionCore {
  readonly #state: ReductionState;
  readonly #fetches: VertexFetches;
  readonly #tasks: VertexTasks;
  readonly #previews: Previews;
  readonly #slowness = new OwnSlowness();

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

  /** Whether this node scans far more slowly than others do. */
  isSlow(nowMs: number): boolean {
    return this.#slowness.is(nowMs);
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
      case "pull-placed":
        this.#fetches.pullDone(input.pull, input.isFound, input.finished);
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
        this.#slowness.look(this.#state);
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
    if (root && job.root === undefined) this.#fetchRoot(job);
    if (isNew && !job.hasForesight) this.#startOwnSpans(job);
  }

  #fetchRoot(job: RunningJob): void {
    const { context } = job;
    job.root = new VertexFetch(context, context.root, undefined, this.#wantOfRoot(job));
    this.#fetches.advance(job.root);
  }

  /**
   * The first rows, where they are all that is shown; the answer, where an earlier job left it; the whole root, where it
   * cannot be merged in parts or that was of no use.
   */
  #wantOfRoot({ context, partFailures }: RunningJob): VertexWant {
    const { options } = this.#state;
    const rows = options.firstRowsOf(context.manifest);
    if (rows !== undefined && !context.isSpan(context.root)) return { kind: "first", rows };
    const finish = options.finishOf(context.manifest);
    if (finish === undefined || partFailures >= MAX_PART_FAILURES) return WHOLE;
    const answer: VertexWant = { kind: "answer", finish };
    if (options.hasValue(keyOfWant(context.keyOf(context.root), answer))) return answer;
    return { kind: "value", inlineBytes: options.protocol.inlineBytes };
  }

  /** The root is too large to be sent here. */
  #onPlaced(job: RunningJob, finished: readonly FinishedVertex[]): void {
    const { context } = job;
    const { options } = this.#state;
    const finish = options.finishOf(context.manifest);
    const bits = partBitsFor(finished, options.protocol);
    if (finish === undefined || bits === 0) {
      this.#abandonParts(job, MAX_PART_FAILURES);
      return;
    }
    job.parts = new RootParts(context, finished, bits, finish);
    this.#advanceParts(job);
  }

  #advanceParts({ parts }: RunningJob): void {
    if (parts === undefined || parts.isOver) return;
    for (const fetch of parts.wanted) this.#fetches.advance(fetch);
    if (parts.isOver || !parts.isComplete) return;
    parts.isOver = true;
    const keys = parts.fetches.map((fetch) => fetch.key);
    this.#state.emit({ kind: "parts-ready", manifest: parts.context.manifest, key: parts.key, parts: keys });
  }

  /** Begins the root anew; after so many failures as a whole, which takes more of this node and never fails for them. */
  #abandonParts(job: RunningJob, failures: number): void {
    job.partFailures = failures;
    this.#endRoot(job);
    this.#fetchRoot(job);
  }

  #endRoot(job: RunningJob): void {
    if (job.root !== undefined) this.#fetches.abandon(job.root);
    for (const fetch of job.parts?.fetches ?? []) this.#fetches.abandon(fetch);
    job.parts = undefined;
  }

  /**
   * Only for a new job: of one under way others may have them already, and whoever needs one asks. Of one that shows the
   * first rows most spans may never be needed.
   */
  #startOwnSpans(job: RunningJob): void {
    job.hasForesight = true;
    const { tasks, options, view } = this.#state;
    const { manifest } = job.context;
    const { jobId } = manifest;
    const own = job.context.placement(view).spansOwnedBy(view.self);
    if (own.length === 0 || options.firstRowsOf(manifest) !== undefined) return;
    for (const span of own) {
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
    this.#endRoot(job);
    this.#state.takeBack(job);
    for (const fetch of job.cover?.fetches ?? []) this.#fetches.abandon(fetch);
    this.#tasks.leave((waiter) => waiter.kind === "own" && waiter.jobId === jobId);
  }

  #onPulled({ puller, manifest, vertex, want: pulled = { kind: "value" } }: Input<"pulled">): void {
    const context = this.#state.contextOf(manifest);
    const want = this.#completed(manifest, pulled);
    if (want === undefined) {
      const detail = `job ${manifest.jobId} is not merged in parts`;
      this.#state.emit({ kind: "refuse", puller, failure: "declined", detail });
      return;
    }
    const vertexKey = context.keyOf(vertex);
    const key = want.kind === "part" ? keyOfWant(vertexKey, want) : vertexKey;
    if (!this.#state.options.hasValue(key)) {
      this.#compute({ puller, manifest, vertex, want });
      return;
    }
    this.#tasks.serve({ context, vertex, key }, puller, want, true);
    this.#state.forgetUnheld(key);
  }

  #compute({ puller, manifest, vertex, want }: Omit<Input<"value-lost">, "kind">): void {
    const { options, nowMs } = this.#state;
    // The first report goes out with the next tick, so that whoever asked soon knows of a queue.
    const progressAtMs = nowMs - options.protocol.pullProgressMs;
    const context = this.#state.contextOf(manifest);
    const waiter = { kind: "puller" as const, puller, context, vertex, want, progressAtMs, knowsOfQueue: false };
    this.#tasks.join(context, vertex, waiter);
  }

  #completed(manifest: Manifest, want: PulledWant): VertexWant | undefined {
    if (want.kind === "value" && want.inlineBytes === undefined) return want;
    const finish = this.#state.options.finishOf(manifest);
    if (finish === undefined) return undefined;
    return want.kind === "part" ? { ...want, finish } : want;
  }

  #advanceAll(): void {
    for (const job of this.#state.jobs.values()) {
      if (job.root !== undefined) this.#fetches.advance(job.root);
      this.#advanceParts(job);
      if (job.cover !== undefined) this.#advanceCover(job.cover);
    }
    this.#fetches.advanceChildren();
  }

  /** A root, or a part of a cover, is at hand. */
  #delivered(fetch: VertexFetch): void {
    const { manifest } = fetch.context;
    const job = this.#state.jobs.get(manifest.jobId);
    if (job?.cover?.fetches.includes(fetch)) this.#advanceCover(job.cover);
    if (job?.parts?.fetches.includes(fetch)) this.#advanceParts(job);
    if (job?.root !== fetch) return;
    this.#tellRoot(job);
    if (fetch.finished === undefined) this.#state.emit({ kind: "root-ready", manifest, key: fetch.key });
    else this.#onPlaced(job, fetch.finished);
  }

  #hopeless(fetch: VertexFetch, failure: VertexFailure, detail: string): void {
    const { manifest } = fetch.context;
    const job = this.#state.jobs.get(manifest.jobId);
    if (job?.parts?.fetches.includes(fetch)) this.#abandonParts(job, job.partFailures + 1);
    if (job?.root !== fetch) return;
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
