/**
 * Which span a free slot scans next: jobs take turns, so that a small one never waits for a large one to end. Stride
 * scheduling (Waldspurger, Weihl, 1995): each job has a pass that grows by what it is given over its share, and the lowest
 * pass is next.
 */

import type { JobId } from "../../base/ids.js";
import type { JobPriority } from "../../job/request.js";
import type { VertexTask } from "./vertex-task.js";

/** Of the bytes that are scanned here while several jobs wait. */
const SHARES: { readonly [priority in JobPriority]: number } = { low: 1, normal: 4, high: 16 };

export class ScanTurns {
  /** By job that has tasks here. */
  readonly #passes = new Map<JobId, number>();
  /** The pass of the latest turn, before it grew. */
  #now = 0;

  /**
   * What somebody waits for before this node's own foresight; then the job with the lowest pass; then in the order in
   * which they came. Undefined when nothing is queued.
   */
  next(tasks: Iterable<VertexTask>): VertexTask | undefined {
    const spans = [...tasks].filter((task) => task.isSpan);
    this.#keep(new Set(spans.map(jobOf)));
    const passOf = (task: VertexTask): number => this.#passes.get(jobOf(task)) ?? 0;
    let best: VertexTask | undefined;
    for (const task of spans) {
      if (task.state !== "queued") continue;
      if (best === undefined || comesBefore(task, best, passOf)) best = task;
    }
    if (best === undefined) return undefined;
    this.#now = passOf(best);
    this.#passes.set(jobOf(best), this.#now + best.bytes / shareOf(best));
    return best;
  }

  /** A job that comes, or comes back, has neither arrears nor credit: it begins where the turns are. */
  #keep(present: ReadonlySet<JobId>): void {
    for (const id of this.#passes.keys()) if (!present.has(id)) this.#passes.delete(id);
    for (const id of present) if (!this.#passes.has(id)) this.#passes.set(id, this.#now);
  }
}

function comesBefore(task: VertexTask, other: VertexTask, passOf: (task: VertexTask) => number): boolean {
  if (task.isWanted !== other.isWanted) return task.isWanted;
  return passOf(task) < passOf(other);
}

const shareOf = (task: VertexTask): number => SHARES[task.context.manifest.request.priority ?? "normal"];

const jobOf = (task: VertexTask): JobId => task.context.manifest.jobId;
