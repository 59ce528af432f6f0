/**
 * Getting one vertex from whoever can give it: one mechanism for slowness, idleness and death. The next candidate is asked
 * as well when all those asked are overdue; the first answer wins. After the last candidate comes the first again, after
 * a pause, for as long as the job runs.
 */

import type { NodeId, VertexKey } from "../../base/ids.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import type { Vertex } from "../../job/tree.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import type { JobContext } from "./job-context.js";
import { type Grades, NO_GRADES } from "./member-loads.js";
import type { Measure } from "./pace.js";
import { PaceWindow } from "./pace-window.js";
import type { Pull, VertexFailure, VertexProgress } from "./reduction-events.js";
import { keyOfWant, type VertexWant, WHOLE } from "./vertex-want.js";

export interface Attempt {
  readonly node: NodeId;
  /** Undefined for an attempt by this node itself. */
  readonly pull: Pull | undefined;
  /** Asked to take the span over from one who has no thread for it. */
  readonly isMove: boolean;
  /** When it was asked, or last heard to have no thread for it. */
  startedAtMs: number;
  heardAtMs: number;
  advancedAtMs: number;
  /** Of a scan. */
  pace: PaceWindow;
  /** It is scanned so slowly that it counts as if nobody did. */
  isVerySlow: boolean;
  /** What was heard last; undefined before the first time. */
  progress: VertexProgress | undefined;
}

/** A scan, and the node that it is at. */
export interface SpanMeasure extends Measure {
  readonly node: NodeId;
}

/** Why a node could not give the vertex. */
export interface Complaint {
  readonly failure: VertexFailure;
  readonly detail: string;
}

/** Over so long the pace of a scan is looked at, or longer: two reports of its progress. */
const PACE_MS = 1000;

/** Rounds in which every candidate said `failed` before the vertex counts as impossible. */
const FAILED_ROUNDS = 3;

export class VertexFetch {
  readonly context: JobContext;
  readonly vertex: Vertex;
  readonly want: VertexWant;
  readonly key: VertexKey;
  /** Of the task that gives it where it is computed here. */
  readonly taskKey: VertexKey;
  /** The task that this is fetched for; undefined for a job's root. */
  readonly parent: VertexKey | undefined;
  readonly bytes: number;
  readonly isSpan: boolean;
  readonly work: string;
  readonly attempts: Attempt[] = [];
  isDone = false;
  /** A span that is merged here of its children: how fast they come says nothing of any node's pace. */
  isOpened = false;
  /** Set once it was computed for this fetch. */
  #measured: SpanMeasure | undefined;
  /** Where the value lies, which is too large to be here; undefined while it is not done, and where it is here. */
  finished: readonly FinishedVertex[] | undefined;
  /** The node that it came from. */
  source: NodeId | undefined;
  /** Who is known to have it. */
  readonly #holder: NodeId | undefined;
  /** Bytes that were scanned for it in vain. */
  #wastedBytes = 0;
  /** Found out once for each view: who is asked next is looked at with every tick. */
  #candidates: { readonly view: View; readonly nodes: readonly NodeId[] } | undefined;
  #round = 0;
  #tried = new Set<NodeId>();
  #pauseUntilMs = 0;
  /** The last complaint of each node that could not give the vertex. */
  readonly #complaints = new Map<NodeId, Complaint>();

  constructor(
    context: JobContext,
    vertex: Vertex,
    parent: VertexKey | undefined,
    want: VertexWant = WHOLE,
    holder?: NodeId,
  ) {
    this.context = context;
    this.vertex = vertex;
    this.parent = parent;
    this.want = want;
    this.#holder = holder;
    const vertexKey = context.keyOf(vertex);
    this.key = keyOfWant(vertexKey, want);
    this.taskKey = want.kind === "part" || want.kind === "first" ? this.key : vertexKey;
    this.bytes = context.bytesOf(vertex);
    this.isSpan = want.kind === "value" && context.isSpan(vertex);
    this.work = context.workOf(vertex);
  }

  /** The same, not asked for yet. */
  anew(): VertexFetch {
    return new VertexFetch(this.context, this.vertex, this.parent, this.want, this.#holder);
  }

  get doneBytes(): number {
    if (this.isDone) return this.bytes;
    return this.attempts.reduce((most, attempt) => Math.max(most, attempt.progress?.doneBytes ?? 0), 0);
  }

  /** Changes as long as somebody gets on with the vertex. */
  get activity(): number {
    if (this.isDone) return this.bytes;
    return this.attempts.reduce((sum, attempt) => sum + (attempt.progress?.activity ?? 0), 0);
  }

  /** The attempt at the one node that something good is heard of, if it said that it has no thread for it. */
  waiting(nowMs: number, view: View, protocol: Protocol): Attempt | undefined {
    const [attempt, ...others] = this.heardOf(nowMs, view, protocol).filter(({ isVerySlow }) => !isVerySlow);
    return others.length === 0 && attempt?.progress?.isWaiting === true ? attempt : undefined;
  }

  /**
   * The pace of the fastest scan, once it is done or under way for `leastMs`. A value that was found has none, nor has one
   * that is merged: how its children come says nothing of one node's pace.
   */
  measure(leastMs: number): SpanMeasure | undefined {
    if (this.isDone) return this.#measured;
    const measures = this.attempts.flatMap((attempt) => this.measureOf(attempt, leastMs) ?? []);
    return measures.sort((left, right) => right.pace - left.pace)[0];
  }

  /** The pace that one scan has now; what was done before it was asked for tells nothing. */
  measureOf(attempt: Attempt, leastMs: number): SpanMeasure | undefined {
    const { node, startedAtMs, heardAtMs, progress } = attempt;
    if (!this.isSpan || this.isOpened || progress === undefined || progress.isWaiting) return undefined;
    const pace = attempt.pace.pace(heardAtMs, progress.doneBytes);
    if (pace === undefined || heardAtMs - startedAtMs < leastMs) return undefined;
    return { node, doneBytes: progress.doneBytes, pace };
  }

  /** Attempts of which something is heard, or that are too young for that. Who fell silent may be gone, or never have heard. */
  heardOf(nowMs: number, view: View, protocol: Protocol): readonly Attempt[] {
    return this.attempts.filter((attempt) => !this.#isOverdue(attempt, nowMs, view, protocol, protocol.pullSilenceMs));
  }

  /** Bytes that are scanned twice, as far as is known now. */
  extraBytes(nowMs: number, view: View, protocol: Protocol): number {
    if (this.isDone) return this.#wastedBytes;
    const heard = this.heardOf(nowMs, view, protocol);
    const working = heard.filter(({ progress, isVerySlow }) => progress?.isWaiting !== true && !isVerySlow);
    return Math.max(0, working.length - 1) * this.bytes;
  }

  /** The value has come from `source`; `by` is the attempt that computed it, undefined for a value that was found. */
  finish(by: Attempt | undefined, source: NodeId, nowMs: number): void {
    this.isDone = true;
    this.source = source;
    const losers = this.attempts.filter((attempt) => attempt !== by);
    this.#wastedBytes = losers.reduce((sum, { progress }) => sum + (progress?.doneBytes ?? 0), 0);
    if (by === undefined || this.isOpened) return;
    const pace = this.bytes / Math.max(1, nowMs - by.startedAtMs);
    this.#measured = { node: by.node, doneBytes: this.bytes, pace };
  }

  /** Whom to ask, in order. */
  candidates(view: View): readonly NodeId[] {
    if (this.#candidates?.view !== view) this.#candidates = { view, nodes: this.#findCandidates(view) };
    return this.#candidates.nodes;
  }

  #findCandidates(view: View): readonly NodeId[] {
    const { want, context, vertex } = this;
    if (want.kind === "part") return context.placement(view).candidatesOfPart(want.part);
    const nodes = context.candidatesOf(vertex, view);
    const holder = view.members.find(({ id, state }) => id === this.#holder && state === "alive")?.id;
    return holder === undefined ? nodes : [holder, ...nodes.filter((node) => node !== holder)];
  }

  /** The candidate to ask now, if it is time to ask anybody. */
  next(nowMs: number, view: View, protocol: Protocol, { slow, well }: Grades = NO_GRADES): NodeId | undefined {
    if (this.isDone || nowMs < this.#pauseUntilMs) return undefined;
    if (this.isOwnWordDue(view)) return view.self;
    // Of a slice there is no progress to be sent, and whoever lacks its vertex would compute that anew.
    const silenceMs = this.want.kind === "slice" ? protocol.pullStallMs : protocol.pullSilenceMs;
    const awaited = this.attempts.filter((attempt) => !this.#isOverdue(attempt, nowMs, view, protocol, silenceMs));
    const isAnyFast = awaited.some((attempt) => !slow.has(attempt.node) || !this.#isOnlyMerged(attempt));
    if (isAnyFast) return undefined;
    const own = this.attempts.some((attempt) => attempt.pull === undefined);
    const isUntried = (node: NodeId): boolean => !this.#tried.has(node) && !(own && node === view.self);
    const untried = this.candidates(view).filter(isUntried);
    // Where all are slow, one of them is as good as another.
    if (awaited.length > 0 && untried.every((node) => slow.has(node))) return undefined;
    if (untried.length > 0) return this.#choose(untried, well, slow);
    this.#round += 1;
    this.#tried = new Set();
    this.#pauseUntilMs = nowMs + Math.min(protocol.retryMaxMs, protocol.retryMinMs * 2 ** Math.min(this.#round - 1, 8));
    return undefined;
  }

  /** A span was begun by its owner without being asked; whoever else is asked may as well be a fast one. */
  #choose(untried: readonly NodeId[], well: ReadonlySet<NodeId>, slow: ReadonlySet<NodeId>): NodeId | undefined {
    const isFirst = this.#tried.size === 0;
    if (isFirst && this.isSpan) return untried[0];
    const known = isFirst ? undefined : untried.find((node) => well.has(node));
    return known ?? untried.find((node) => !slow.has(node)) ?? untried[0];
  }

  /**
   * Somebody says that the input changed, and this node has not looked for itself. It does so beside whoever else was asked:
   * one that cannot reach a holder never says it, and those above wait for one after the other.
   */
  isOwnWordDue(view: View): boolean {
    const { self } = view;
    if (!this.#isAboveSpans || this.#tried.has(self) || !this.candidates(view).includes(self)) return false;
    if (this.attempts.some((attempt) => attempt.pull === undefined)) return false;
    return [...this.#complaints.values()].some(({ failure }) => failure === "input-changed");
  }

  get #isAboveSpans(): boolean {
    return this.want.kind === "value" && !this.isSpan;
  }

  /** Opens an attempt; returns the older one at the same node, which it replaces. */
  begin(node: NodeId, pull: Pull | undefined, isMove: boolean, nowMs: number): Attempt | undefined {
    const at = this.attempts.findIndex((attempt) => attempt.node === node);
    const [replaced] = at < 0 ? [] : this.attempts.splice(at, 1);
    this.#tried.add(node);
    const [startedAtMs, heardAtMs, advancedAtMs] = [nowMs, nowMs, nowMs];
    const pace = new PaceWindow(nowMs, PACE_MS);
    const fresh = { startedAtMs, heardAtMs, advancedAtMs, pace, isVerySlow: false, progress: undefined };
    this.attempts.push({ node, pull, isMove, ...fresh });
    return replaced;
  }

  /**
   * Returns the attempts that are no longer wanted: of a move, whoever has no thread for the span, and the new one if the
   * old one has begun after all.
   */
  heard(attempt: Attempt, progress: VertexProgress, nowMs: number): readonly Attempt[] {
    const { isWaiting, activity, doneBytes } = progress;
    const before = attempt.progress;
    attempt.heardAtMs = nowMs;
    // What has begun never waits again: that report was overtaken by a later one.
    if (isWaiting && before?.isWaiting === false) return [];
    if (activity !== before?.activity || doneBytes !== before.doneBytes) attempt.advancedAtMs = nowMs;
    if (isWaiting) {
      attempt.startedAtMs = nowMs;
      attempt.pace = new PaceWindow(nowMs, PACE_MS);
    } else {
      attempt.pace.heard(nowMs, doneBytes);
    }
    attempt.progress = progress;
    const others = this.attempts.filter((other) => other !== attempt);
    if (isWaiting) return attempt.isMove ? [attempt] : [];
    if (attempt.isMove) return others.filter((other) => other.progress?.isWaiting === true);
    return before?.isWaiting === true ? others.filter((other) => other.isMove) : [];
  }

  /** Takes an attempt away that is not wanted any longer. */
  drop(attempt: Attempt): void {
    this.attempts.splice(this.attempts.indexOf(attempt), 1);
  }

  failed(attempt: Attempt, failure: VertexFailure, detail: string): void {
    this.drop(attempt);
    this.#complaints.set(attempt.node, { failure, detail });
  }

  /**
   * Why nobody will ever give this vertex: every candidate says that the input changed, or says again and again that
   * computing fails. Above the spans one who says that the input changed has heard it of every holder; the others may be
   * unable to reach one of them, and so never say it: that they were asked suffices, and so does that it is this node. With
   * `failFast` the first complaint does. Undefined while there is hope.
   */
  verdict(view: View, failFast: boolean): Complaint | undefined {
    const complaints = this.candidates(view).map((node) => this.#complaints.get(node));
    const first = complaints.find((complaint) => complaint !== undefined);
    if (first === undefined) return undefined;
    const areAll = (failure: VertexFailure): boolean => complaints.every((complaint) => complaint?.failure === failure);
    if (failFast || areAll("input-changed")) return first;
    const own = this.#complaints.get(view.self);
    if (this.#isAboveSpans && own?.failure === "input-changed") return own;
    const changed = complaints.find((complaint) => complaint?.failure === "input-changed");
    if (changed !== undefined && !this.isSpan && this.#round > 0) return changed;
    return areAll("failed") && this.#round >= FAILED_ROUNDS ? first : undefined;
  }

  /** Silent, without advance for long, or at a member that is not known to be alive. */
  #isOverdue(attempt: Attempt, nowMs: number, view: View, protocol: Protocol, silenceMs: number): boolean {
    if (nowMs - attempt.advancedAtMs >= protocol.pullStallMs) return true;
    if (attempt.pull === undefined) return false;
    if (nowMs - attempt.heardAtMs >= silenceMs) return true;
    return view.members.find((member) => member.id === attempt.node)?.state !== "alive";
  }

  /** All that it is made of is there, and no larger than what is merged on the way. */
  #isOnlyMerged({ progress }: Attempt): boolean {
    const { want, isSpan, bytes } = this;
    const isBounded = want.kind === "value" && want.inlineBytes !== undefined && !isSpan;
    return isBounded && progress !== undefined && progress.doneBytes >= bytes;
  }
}
