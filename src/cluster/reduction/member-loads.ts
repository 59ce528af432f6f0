/** How much work each member has, and how fast it gets on with it, as it was last heard. */

import type { NodeId } from "../../base/ids.js";
import type { View } from "../member.js";
import { medianOf, VERY_SLOW_SHARE } from "./pace.js";
import { PaceWindow } from "./pace-window.js";
import type { VertexProgress } from "./reduction-events.js";

/** So long a queue that was heard of counts: a busy node reports more often while it is pulled from. */
const BUSY_MS = 2000;

/** How fast a node is counts once it has been heard for so long, with a queue all the time. */
const LEAST_MS = 2000;

/** A node that was found slow counts as slow for so long: it is given less, and so is measured seldom. */
const SLOW_MS = 30_000;

/** With fewer others nobody is slow. */
const LEAST_OTHERS = 3;

interface Queue {
  readonly queuedBytes: number;
  readonly scannedBytes: number;
  readonly heardAtMs: number;
  readonly window: PaceWindow;
}

/**
 * Nodes that say that they lag or whose threads get on at less than a quarter of the usual pace, and nodes that do neither. Of the others nothing is known:
 * of many nodes some few are slow, and whatever comes late is what was asked of one slow node after the other.
 */
export interface Grades {
  readonly slow: ReadonlySet<NodeId>;
  readonly well: ReadonlySet<NodeId>;
}

export const NO_GRADES: Grades = { slow: new Set(), well: new Set() };

export class MemberLoads {
  readonly #busyUntilMs = new Map<NodeId, number>();
  readonly #queues = new Map<NodeId, Queue>();
  /** How fast each node last got on with a queue. */
  readonly #paces = new Map<NodeId, { readonly pace: number; readonly atMs: number }>();
  #grades: { readonly view: View; readonly atMs: number; readonly grades: Grades } | undefined;

  heard(node: NodeId, progress: VertexProgress, nowMs: number): void {
    if (progress.queuedBytes > 0) this.#busyUntilMs.set(node, nowMs + BUSY_MS);
    else this.#busyUntilMs.delete(node);
    // What waits says how much its node has scanned.
    if (progress.isWaiting) this.#heardQueue(node, progress.queuedBytes, progress.activity, nowMs);
    else if (progress.queuedBytes === 0) this.#queues.delete(node);
  }

  #heardQueue(node: NodeId, queuedBytes: number, scannedBytes: number, nowMs: number): void {
    const last = this.#queues.get(node);
    const known = last !== undefined && nowMs - last.heardAtMs < BUSY_MS ? last : undefined;
    // A report that was overtaken by a later one; or the node has started anew, and counts as unknown in a moment.
    if (known !== undefined && scannedBytes < known.scannedBytes) return;
    const window = known?.window ?? new PaceWindow(nowMs, LEAST_MS, scannedBytes);
    window.heard(nowMs, scannedBytes);
    this.#queues.set(node, { queuedBytes, scannedBytes, heardAtMs: nowMs, window });
    const pace = window.pace(nowMs, scannedBytes);
    if (pace !== undefined) this.#paces.set(node, { pace, atMs: nowMs });
  }

  isBusy(node: NodeId, nowMs: number): boolean {
    return (this.#busyUntilMs.get(node) ?? nowMs) > nowMs;
  }

  grades(view: View, nowMs: number): Grades {
    if (this.#grades?.view !== view || this.#grades.atMs !== nowMs) {
      this.#grades = { view, atMs: nowMs, grades: this.#findGrades(view, nowMs) };
    }
    return this.#grades.grades;
  }

  #findGrades(view: View, nowMs: number): Grades {
    const lagging = view.members.flatMap(({ id, demoted }) => (demoted === true ? [id] : []));
    const paces = view.members.flatMap(({ id, threads }) => {
      const known = this.#paces.get(id);
      return known === undefined || nowMs - known.atMs >= SLOW_MS ? [] : [{ id, pace: known.pace / threads }];
    });
    if (paces.length <= LEAST_OTHERS) return { slow: new Set(lagging), well: new Set() };
    const leastPace = VERY_SLOW_SHARE * medianOf(paces.map(({ pace }) => pace));
    const slow = new Set([...lagging, ...paces.flatMap(({ id, pace }) => (pace < leastPace ? [id] : []))]);
    return { slow, well: new Set(paces.flatMap(({ id }) => (slow.has(id) ? [] : [id]))) };
  }

  /** Bytes that wait at a node, and how many it scans in a millisecond; undefined while that is not known. */
  queueOf(node: NodeId, nowMs: number): { readonly bytes: number; readonly pace: number } | undefined {
    const queue = this.#queues.get(node);
    if (queue === undefined || nowMs - queue.heardAtMs >= BUSY_MS) return undefined;
    const pace = queue.window.pace(queue.heardAtMs, queue.scannedBytes);
    return pace === undefined ? undefined : { bytes: queue.queuedBytes, pace };
  }
}
