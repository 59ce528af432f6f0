/** Which span a free slot scans next: jobs take turns, so that a small one never waits for a large one to end. */

import type { JobId } from "../../base/ids.js";
import type { VertexTask } from "./vertex-task.js";

export class ScanTurns {
  #turn = 0;
  /** The last turn of each job that has tasks here. */
  #served = new Map<JobId, number>();

  /**
   * What somebody waits for before this node's own foresight; then the job that has the fewest scans under way here; then
   * the one whose last turn is longest ago; then in the order in which they came. Undefined when nothing is queued.
   */
  next(tasks: Iterable<VertexTask>): VertexTask | undefined {
    const scanning = new Map<JobId, number>();
    const queued: VertexTask[] = [];
    for (const task of tasks) {
      if (!task.isSpan) continue;
      if (task.state === "queued") queued.push(task);
      else scanning.set(jobOf(task), (scanning.get(jobOf(task)) ?? 0) + 1);
    }
    const rank = (task: VertexTask): readonly number[] => {
      const id = jobOf(task);
      return [task.isWanted ? 0 : 1, scanning.get(id) ?? 0, this.#served.get(id) ?? 0];
    };
    let best: VertexTask | undefined;
    let bestRank: readonly number[] = [];
    for (const task of queued) {
      const ofTask = rank(task);
      if (best !== undefined && !isLower(ofTask, bestRank)) continue;
      best = task;
      bestRank = ofTask;
    }
    this.#note(best, [...queued.map(jobOf), ...scanning.keys()]);
    return best;
  }

  #note(task: VertexTask | undefined, jobs: readonly JobId[]): void {
    const present = new Set(jobs);
    for (const id of this.#served.keys()) if (!present.has(id)) this.#served.delete(id);
    if (task === undefined) return;
    this.#turn += 1;
    this.#served.set(jobOf(task), this.#turn);
  }
}

/** Whether the first list comes before the second, entry by entry. */
function isLower(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}

const jobOf = (task: VertexTask): JobId => task.context.manifest.jobId;
