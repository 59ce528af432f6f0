/** The fetches under way on this node: whom each asks, here or at a peer, and what becomes of the outcome. */

import type { NodeId } from "../../base/ids.js";
import { LateSpans } from "./late-spans.js";
import type { Pull, VertexFailure, VertexProgress } from "./reduction-events.js";
import type { ReductionState } from "./reduction-state.js";
import type { OpenPull } from "./running-job.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";
import type { VertexTask } from "./vertex-task.js";
import { VertexTasks } from "./vertex-tasks.js";

/** Outcomes that are no child's: a job's root, or a part of its cover. */
export interface FetchOutcomes {
  delivered(fetch: VertexFetch): void;
  hopeless(fetch: VertexFetch, failure: VertexFailure, detail: string): void;
}

export class VertexFetches {
  readonly tasks: VertexTasks;
  readonly #state: ReductionState;
  readonly #outcomes: FetchOutcomes;
  readonly #pulls = new Map<Pull, OpenPull>();
  readonly #late: LateSpans;

  constructor(state: ReductionState, outcomes: FetchOutcomes) {
    this.#late = new LateSpans(state, (fetch, node, isMove) => this.#ask(fetch, node, isMove));
    this.#state = state;
    this.#outcomes = outcomes;
    this.tasks = new VertexTasks(state, this);
  }

  get hasOpenPulls(): boolean {
    return this.#pulls.size > 0;
  }

  /** Asks for a vertex wherever it is time to ask, unless its value is here. */
  advance(fetch: VertexFetch): void {
    const { nowMs, view, options } = this.#state;
    const node = fetch.next(nowMs, view, options.protocol);
    if (node === undefined) return;
    if (options.hasValue(fetch.key)) this.deliver(fetch, undefined);
    else this.#ask(fetch, node, false);
  }

  /** Advances the children of every vertex that is gathered here, wherever that is due. */
  advanceChildren(): void {
    for (const task of [...this.#state.tasks.values()]) {
      if (task.state !== "gathering") continue;
      for (const child of task.children) this.advance(child);
    }
    this.#late.advance();
  }

  /**
   * The value of a fetch is at hand, computed `by` an attempt or found: the other attempts end, and whoever fetched goes on.
   */
  deliver(fetch: VertexFetch, by: Attempt | undefined): void {
    if (fetch.isDone) return;
    this.#state.held.hold(fetch.key);
    fetch.finish(by, this.#state.nowMs);
    this.#notePace(fetch);
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
    const parent = this.#parentOf(fetch);
    if (parent === undefined) this.#outcomes.delivered(fetch);
    else this.tasks.mergeIfComplete(parent);
  }

  #notePace(fetch: VertexFetch): void {
    const measure = fetch.isSpan ? fetch.measure(0) : undefined;
    if (measure === undefined || measure.node === this.#state.view.self) return;
    this.#state.paces.note(fetch.context.manifest.planDigest, measure.node, measure.pace);
  }

  /** Ends a fetch without its value. */
  abandon(fetch: VertexFetch): void {
    if (fetch.isDone) {
      this.#state.held.release(fetch.key);
      this.#state.forgetUnheld(fetch.key);
    }
    fetch.isDone = true;
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
  }

  attemptFailed(fetch: VertexFetch, attempt: Attempt, failure: VertexFailure, detail: string): void {
    fetch.failed(attempt, failure, detail);
    const verdict = fetch.verdict(this.#state.view, this.#state.options.failFast);
    if (verdict === undefined) {
      this.advance(fetch);
      return;
    }
    const parent = this.#parentOf(fetch);
    if (parent === undefined) this.#outcomes.hopeless(fetch, verdict.failure, verdict.detail);
    else this.tasks.failed(parent.key, verdict.failure, verdict.detail);
  }

  pullProgressed(pull: Pull, progress: VertexProgress): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#state.loads.heard(open.attempt.node, progress.queuedBytes, this.#state.nowMs);
    this.heard(open.fetch, open.attempt, progress);
  }

  /** How an attempt fares, at a peer or here. */
  heard(fetch: VertexFetch, attempt: Attempt, progress: VertexProgress): void {
    for (const unwanted of fetch.heard(attempt, progress, this.#state.nowMs)) {
      fetch.drop(unwanted);
      this.#close(fetch, unwanted);
    }
  }

  pullDone(pull: Pull, isFound: boolean): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#pulls.delete(pull);
    open.fetch.drop(open.attempt);
    this.deliver(open.fetch, isFound ? undefined : open.attempt);
  }

  pullFailed(pull: Pull, failure: VertexFailure, detail: string): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#pulls.delete(pull);
    this.attemptFailed(open.fetch, open.attempt, failure, detail);
  }

  #parentOf(fetch: VertexFetch): VertexTask | undefined {
    const task = fetch.parent === undefined ? undefined : this.#state.tasks.get(fetch.parent);
    return task?.children.includes(fetch) ? task : undefined;
  }

  #ask(fetch: VertexFetch, node: NodeId, isMove: boolean): void {
    const { nowMs, view } = this.#state;
    const isOwn = node === view.self;
    const pull = isOwn ? undefined : this.#state.numberPull();
    const replaced = fetch.begin(node, pull, isMove, nowMs);
    if (replaced !== undefined) this.#close(fetch, replaced);
    const attempt = fetch.attempts.at(-1);
    if (attempt === undefined) return;
    if (pull === undefined) {
      this.tasks.join(fetch.context, fetch.vertex, { kind: "fetch", fetch, attempt });
      return;
    }
    this.#pulls.set(pull, { fetch, attempt });
    const { manifest } = fetch.context;
    this.#state.emit({ kind: "pull", pull, from: node, manifest, vertex: fetch.vertex, key: fetch.key });
  }

  #close(fetch: VertexFetch, attempt: Attempt): void {
    if (attempt.pull === undefined) {
      const task = this.#state.tasks.get(fetch.key);
      if (task === undefined) return;
      this.tasks.leaveTask(task, (waiter) => waiter.kind === "fetch" && waiter.attempt === attempt);
      if (fetch.isDone && !task.isWanted) this.tasks.drop(task);
      return;
    }
    if (this.#pulls.delete(attempt.pull)) this.#state.emit({ kind: "cancel-pull", pull: attempt.pull });
  }
}
