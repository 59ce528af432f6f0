/**
 * Getting one vertex from whoever can give it: one mechanism for slowness, idleness and death. The next candidate is asked
 * as well when all those asked are overdue; the first answer wins. After the last candidate comes the first again, after
 * a pause, for as long as the job runs.
 */

import type { NodeId, VertexKey } from "../../base/ids.js";
import type { Vertex } from "../../job/tree.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import type { JobContext } from "./job-context.js";
import type { Pull, VertexFailure } from "./reduction-events.js";

export interface Attempt {
  readonly node: NodeId;
  /** Undefined for an attempt by this node itself. */
  readonly pull: Pull | undefined;
  heardAtMs: number;
  advancedAtMs: number;
  doneBytes: number;
  queuedBytes: number;
}

/** Rounds in which every candidate said `failed` before the vertex counts as impossible. */
const FAILED_ROUNDS = 3;

export class VertexFetch {
  readonly context: JobContext;
  readonly vertex: Vertex;
  readonly key: VertexKey;
  /** The vertex that this one is a child of; undefined for a job's root. */
  readonly parent: VertexKey | undefined;
  readonly attempts: Attempt[] = [];
  isDone = false;
  #round = 0;
  #tried = new Set<NodeId>();
  #pauseUntilMs = 0;
  /** The last complaint of each node that could not give the vertex. */
  readonly #complaints = new Map<NodeId, { readonly failure: VertexFailure; readonly detail: string }>();

  constructor(context: JobContext, vertex: Vertex, parent: VertexKey | undefined) {
    this.context = context;
    this.vertex = vertex;
    this.parent = parent;
    this.key = context.keyOf(vertex);
  }

  get doneBytes(): number {
    if (this.isDone) return this.context.bytesOf(this.vertex);
    return this.attempts.reduce((most, attempt) => Math.max(most, attempt.doneBytes), 0);
  }

  /** The candidate to ask now, if it is time to ask anybody. */
  next(nowMs: number, view: View, protocol: Protocol): NodeId | undefined {
    if (this.isDone || nowMs < this.#pauseUntilMs) return undefined;
    if (this.attempts.some((attempt) => !isOverdue(attempt, nowMs, view, protocol))) return undefined;
    const candidates = this.context.candidatesOf(this.vertex, view);
    const own = this.attempts.some((attempt) => attempt.pull === undefined);
    const untried = candidates.find((node) => !this.#tried.has(node) && !(own && node === view.self));
    if (untried !== undefined) {
      this.#tried.add(untried);
      return untried;
    }
    this.#round += 1;
    this.#tried = new Set();
    this.#pauseUntilMs = nowMs + Math.min(protocol.retryMaxMs, protocol.retryMinMs * 2 ** Math.min(this.#round - 1, 8));
    return undefined;
  }

  /** Opens an attempt; returns the older one at the same node, which it replaces. */
  begin(node: NodeId, pull: Pull | undefined, nowMs: number): Attempt | undefined {
    const at = this.attempts.findIndex((attempt) => attempt.node === node);
    const [replaced] = at < 0 ? [] : this.attempts.splice(at, 1);
    this.attempts.push({ node, pull, heardAtMs: nowMs, advancedAtMs: nowMs, doneBytes: 0, queuedBytes: 0 });
    return replaced;
  }

  heard(attempt: Attempt, doneBytes: number, queuedBytes: number, nowMs: number): void {
    attempt.heardAtMs = nowMs;
    if (doneBytes !== attempt.doneBytes || queuedBytes !== attempt.queuedBytes) attempt.advancedAtMs = nowMs;
    attempt.doneBytes = doneBytes;
    attempt.queuedBytes = queuedBytes;
  }

  failed(attempt: Attempt, failure: VertexFailure, detail: string): void {
    this.attempts.splice(this.attempts.indexOf(attempt), 1);
    this.#complaints.set(attempt.node, { failure, detail });
  }

  /**
   * Why nobody will ever give this vertex: every candidate says that the input changed, or says again and again that
   * computing fails. With `failFast` the first complaint suffices. Undefined while there is hope.
   */
  verdict(view: View, failFast: boolean): { readonly failure: VertexFailure; readonly detail: string } | undefined {
    if (this.#complaints.size === 0) return undefined;
    const complaints = this.context.candidatesOf(this.vertex, view).map((node) => this.#complaints.get(node));
    const [first] = complaints;
    if (first === undefined) return undefined;
    if (failFast || complaints.every((complaint) => complaint?.failure === "input-changed")) return first;
    const hopeless = complaints.every((complaint) => complaint?.failure === "failed");
    return hopeless && this.#round >= FAILED_ROUNDS ? first : undefined;
  }
}

/** Silent, without advance for long, or at a member that is not known to be alive. */
function isOverdue(attempt: Attempt, nowMs: number, view: View, protocol: Protocol): boolean {
  if (nowMs - attempt.advancedAtMs >= protocol.pullStallMs) return true;
  if (attempt.pull === undefined) return false;
  if (nowMs - attempt.heardAtMs >= protocol.pullSilenceMs) return true;
  return view.members.find((member) => member.id === attempt.node)?.state !== "alive";
}
