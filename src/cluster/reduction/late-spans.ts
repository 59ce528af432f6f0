/**
 * Spans that would come late although nobody failed. One that waits in a busy node's queue moves to a node that can read it
 * and is idle. If it takes long, and is among the last in that queue, it is opened instead: its children are spread, so that
 * at the end of a job no node is left alone with a large span. One that is scanned at less than half the pace of its siblings, or at less than a quarter of what other nodes
 * do where siblings are few, is asked of another node as well, up to a tenth of extra work. What is young, far or nearly done stays where it is: a healthy job is never run twice.
 */

import type { NodeId } from "../../base/ids.js";
import { isDivisible } from "../../job/tree.js";
import { isSlow, isVerySlow, medianOf } from "./pace.js";
import type { ReductionState } from "./reduction-state.js";
import type { Attempt, SpanMeasure, VertexFetch } from "./vertex-fetch.js";

/**
 * Of the bytes below a vertex, how many may be scanned twice because a node is slow: all told, or at a time where the node is
 * ill. One span may in any case.
 */
const EXTRA_SHARE = 0.1;

/** So many spans for each thread are the last ones of a queue when another node is idle; one is when none is. */
const LAST_SPANS = 3;

export interface LateSpanActions {
  /** Asks a node for a span besides the one that has it; `isMove`, for the better one of them to keep it. */
  ask(fetch: VertexFetch, node: NodeId, isMove: boolean): void;
  /** Has a span that waits computed from its children. */
  open(fetch: VertexFetch): void;
}

export class LateSpans {
  readonly #state: ReductionState;
  readonly #actions: LateSpanActions;

  constructor(state: ReductionState, actions: LateSpanActions) {
    this.#state = state;
    this.#actions = actions;
  }

  advance(): void {
    const gathering = [...this.#state.tasks.values()].filter((task) => task.state === "gathering");
    const groups = gathering.map((task) => task.children);
    // A job of a single span has it for its root.
    for (const { root } of this.#state.jobs.values()) if (root?.isSpan === true) groups.push([root]);
    for (const fetch of groups.flat()) this.#notePace(fetch);
    for (const group of groups) this.#doubleSlow(group);
    this.#moveWaiting(groups.flat());
  }

  #notePace(fetch: VertexFetch): void {
    const { paces, options } = this.#state;
    const measure = fetch.isDone ? undefined : fetch.measure(options.protocol.paceMs);
    if (measure !== undefined) paces.note(fetch.context.manifest.planDigest, measure.node, measure.pace);
  }

  /** Those asked for last go first: their nodes come to them last. */
  #moveWaiting(fetches: readonly VertexFetch[]): void {
    const { nowMs, view, options } = this.#state;
    const spans = fetches.filter((fetch) => fetch.isSpan && !fetch.isDone);
    const waiting = spans.flatMap((fetch) => {
      const attempt = fetch.waiting(nowMs, view, options.protocol);
      return attempt === undefined ? [] : [{ fetch, attempt }];
    });
    if (waiting.length === 0) return;
    const room = this.#room(spans);
    for (const { fetch, attempt } of waiting.reverse()) {
      if (this.#isToBeOpened(fetch, attempt, room.size > 0)) {
        this.#actions.open(fetch);
        continue;
      }
      if (room.size === 0) continue;
      const idle = this.#others(fetch).find((node) => room.has(node));
      if (idle === undefined) continue;
      const left = (room.get(idle) ?? 0) - 1;
      if (left > 0) room.set(idle, left);
      else room.delete(idle);
      this.#actions.ask(fetch, idle, true);
    }
  }

  /** Whether a span that waits would be scanned at the end of its node's work, and for long. */
  #isToBeOpened(fetch: VertexFetch, { node, progress }: Attempt, isSomebodyIdle: boolean): boolean {
    const { paces, view, options } = this.#state;
    const { context, vertex, bytes, isOpened } = fetch;
    const queuedBytes = progress?.queuedBytes;
    const pace = medianOf(paces.of(context.manifest.planDigest));
    if (isOpened || queuedBytes === undefined || bytes <= pace * options.protocol.openSpanMs || pace === 0)
      return false;
    const threads = view.members.find(({ id }) => id === node)?.threads ?? 1;
    if (queuedBytes > bytes * threads * (isSomebodyIdle ? LAST_SPANS : 1)) return false;
    return isDivisible(context.shape, vertex) && fetch.candidates(view).length > 1;
  }

  #doubleSlow(siblings: readonly VertexFetch[]): void {
    const { nowMs, view, options } = this.#state;
    const { protocol } = options;
    const measures = siblings.flatMap((fetch) => {
      const measure = fetch.measure(protocol.paceMs);
      return measure === undefined ? [] : [{ fetch, measure }];
    });
    const paces = measures.map(({ measure }) => measure.pace);
    const allBytes = siblings.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { fetch, measure } of measures) {
      if (fetch.isDone || fetch.heardOf(nowMs, view, protocol).length !== 1) continue;
      const isIll = this.#isIll(fetch, measure);
      if (!isIll && !isSlow(measure, fetch.bytes, paces)) continue;
      // What an ill node read in vain is little, and to wait for its next span takes far longer than to read that elsewhere.
      const counted = isIll ? siblings.filter((sibling) => !sibling.isDone) : siblings;
      const twiceBytes = counted.reduce((sum, sibling) => sum + sibling.extraBytes(nowMs, view, protocol), 0);
      if (twiceBytes > 0 && twiceBytes + fetch.bytes > EXTRA_SHARE * allBytes) continue;
      const [other] = this.#others(fetch);
      if (other === undefined) continue;
      this.#actions.ask(fetch, other, false);
    }
  }

  /** Far behind what other nodes did with the same plan; of whom nothing is known yet, the node's own word that it lags. */
  #isIll(fetch: VertexFetch, measure: SpanMeasure): boolean {
    const { paces, view } = this.#state;
    const others = paces.ofOthers(fetch.context.manifest.planDigest, measure.node);
    if (others.length > 0) return isVerySlow(measure, fetch.bytes, others);
    const isDemoted = view.members.some(({ id, demoted }) => id === measure.node && demoted === true);
    return isDemoted && measure.doneBytes < fetch.bytes / 2;
  }

  /** Who else can read a span and is well, in order of preference. */
  #others(fetch: VertexFetch): readonly NodeId[] {
    const { view } = this.#state;
    return fetch.candidates(view).filter((node) => {
      const member = view.members.find(({ id }) => id === node);
      const isWell = member?.state === "alive" && member.demoted !== true;
      return isWell && fetch.attempts.every((attempt) => attempt.node !== node);
    });
  }

  /** Threads that would start another span at once, as far as this node knows, of each member that has any. */
  #room(spans: readonly VertexFetch[]): Map<NodeId, number> {
    const { view, loads, nowMs, tasks, options } = this.#state;
    const room = new Map<NodeId, number>();
    for (const { id, threads } of view.members) room.set(id, loads.isBusy(id, nowMs) ? 0 : threads);
    for (const { attempts } of spans) {
      for (const { node } of attempts) room.set(node, (room.get(node) ?? 0) - 1);
    }
    const ownSpans = [...tasks.values()].filter((task) => task.isSpan);
    room.set(view.self, options.scanSlots - ownSpans.length);
    for (const [node, threads] of room) if (threads <= 0) room.delete(node);
    return room;
  }
}
