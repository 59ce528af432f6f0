/** The fetches under way on this node: whom each asks, here or at a peer, and what becomes of the outcome. */

import type { NodeId } from "../../base/ids.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import { LateSpans } from "./late-spans.js";
import type { Pull, VertexFailure, VertexProgress } from "./reduction-events.js";
import type { ReductionState } from "./reduction-state.js";
import type { OpenPull } from "./running-job.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";
import type { VertexTask } from "./vertex-task.js";
import { otherBasis, VertexTasks } from "./vertex-tasks.js";

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
    this.#late = new LateSpans(state, {
      ask: (fetch, node, isMove) => this.#ask(fetch, node, isMove),
      move: (fetch, from, to) => {
        fetch.drop(from);
        this.#close(fetch, from);
        this.#ask(fetch, to, false);
      },
      open: (fetch) => this.#open(fetch),
    });
    this.#state = state;
    this.#outcomes = outcomes;
    this.tasks = new VertexTasks(state, this);
  }

  get hasOpenPulls(): boolean {
    return this.#pulls.size > 0;
  }

  /** Asks for a vertex wherever it is time to ask, unless its value is here. */
  advance(fetch: VertexFetch): void {
    const { nowMs, view, options, loads } = this.#state;
    const node = fetch.next(nowMs, view, options.protocol, loads.grades(view, nowMs));
    if (node === undefined) return;
    if (options.hasValue(fetch.key)) this.#deliver(fetch, undefined, view.self);
    else this.#ask(fetch, node, false);
  }

  /** Advances the children of every vertex that is gathered here, wherever that is due. */
  advanceChildren(): void {
    for (const task of [...this.#state.tasks.values()]) {
      if (task.state !== "gathering") continue;
      for (const child of task.wantedChildren) this.advance(child);
    }
    this.#late.advance();
  }

  /** A task here has ended: its value is at hand, or it is known where that lies. */
  computed(fetch: VertexFetch, by: Attempt, finished?: readonly FinishedVertex[]): void {
    const { options, view } = this.#state;
    const { want, taskKey, vertex, key } = fetch;
    if (want.kind === "slice" && finished === undefined) {
      if (options.sizeOf(taskKey)?.basis !== want.basis) {
        this.attemptFailed(fetch, by, "failed", otherBasis(vertex));
        return;
      }
      this.#state.emit({ kind: "slice", key, of: taskKey, part: want.part });
    }
    this.#deliver(fetch, by, view.self, finished);
  }

  /**
   * What a fetch is for is at hand, computed `by` an attempt or found at `source`: the other attempts end, and whoever
   * fetched goes on.
   */
  #deliver(fetch: VertexFetch, by: Attempt | undefined, source: NodeId, finished?: readonly FinishedVertex[]): void {
    if (fetch.isDone) return;
    fetch.finished = finished;
    if (finished === undefined) this.#state.held.hold(fetch.key);
    fetch.finish(by, source, this.#state.nowMs);
    this.#notePace(fetch);
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
    const parent = this.#parentOf(fetch);
    if (parent === undefined) {
      this.#outcomes.delivered(fetch);
      return;
    }
    this.tasks.mergeIfComplete(parent);
    if (parent.want.kind !== "value") this.tasks.askForChildren(parent);
  }

  #notePace(fetch: VertexFetch): void {
    const measure = fetch.measure(0);
    if (measure === undefined || measure.node === this.#state.view.self) return;
    this.#state.paces.note(fetch.work, measure.node, measure.pace);
  }

  /** Ends a fetch without its value. */
  abandon(fetch: VertexFetch): void {
    if (fetch.isDone && fetch.finished === undefined) {
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
    this.#state.loads.heard(open.attempt.node, progress, this.#state.nowMs);
    this.heard(open.fetch, open.attempt, progress);
  }

  /** How an attempt fares, at a peer or here. */
  heard(fetch: VertexFetch, attempt: Attempt, progress: VertexProgress): void {
    for (const unwanted of fetch.heard(attempt, progress, this.#state.nowMs)) {
      fetch.drop(unwanted);
      this.#close(fetch, unwanted);
    }
  }

  /** `finished`: not the value came, but where it lies. */
  pullDone(pull: Pull, isFound: boolean, finished?: readonly FinishedVertex[]): void {
    const open = this.#pulls.get(pull);
    if (open === undefined) return;
    this.#pulls.delete(pull);
    const { fetch, attempt } = open;
    fetch.drop(attempt);
    this.#deliver(fetch, isFound ? undefined : attempt, attempt.node, finished);
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
    const { context, vertex, want, key } = fetch;
    if (pull === undefined) {
      if (want.kind === "slice" && this.#state.options.hasValue(fetch.taskKey)) this.computed(fetch, attempt);
      else this.tasks.join(context, vertex, { kind: "fetch", fetch, attempt });
      return;
    }
    this.#pulls.set(pull, { fetch, attempt });
    this.#state.emit({ kind: "pull", pull, from: node, manifest: context.manifest, vertex, want, key });
  }

  /** Has a span that waits computed from its children, by this node. */
  #open(fetch: VertexFetch): void {
    for (const attempt of fetch.attempts.splice(0)) this.#close(fetch, attempt);
    fetch.isOpened = true;
    fetch.begin(this.#state.view.self, undefined, false, this.#state.nowMs);
    const attempt = fetch.attempts.at(-1);
    if (attempt !== undefined) this.tasks.open(fetch.context, fetch.vertex, { kind: "fetch", fetch, attempt });
  }

  #close(fetch: VertexFetch, attempt: Attempt): void {
    if (attempt.pull === undefined) {
      const task = this.#state.tasks.get(fetch.taskKey);
      if (task === undefined) return;
      this.tasks.leaveTask(task, (waiter) => waiter.kind === "fetch" && waiter.attempt === attempt);
      if (fetch.isDone && !task.isWanted) this.tasks.drop(task);
      return;
    }
    if (this.#pulls.delete(attempt.pull)) this.#state.emit({ kind: "cancel-pull", pull: attempt.pull });
  }
}
