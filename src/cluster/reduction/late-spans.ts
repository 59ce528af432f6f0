/**
 * Spans that would come late although nobody failed. One that waits in a busy node's queue moves to a node that can read it
 * and is idle. One that is scanned at less than half the pace of its siblings is asked of another node as well, up to a
 * tenth of extra work. What is young, far or nearly done stays where it is: a healthy job is never run twice.
 */

import type { NodeId } from "../../base/ids.js";
import { isSlow } from "./pace.js";
import type { ReductionState } from "./reduction-state.js";
import type { VertexFetch } from "./vertex-fetch.js";
import type { VertexTask } from "./vertex-task.js";

/** Of the bytes below a vertex, how many may be scanned twice because a node is slow. */
const EXTRA_SHARE = 0.1;

/** Asks a node for a span besides the one that has it; `isMove`, for the better one of them to keep it. */
type AskAlso = (fetch: VertexFetch, node: NodeId, isMove: boolean) => void;

export class LateSpans {
  readonly #state: ReductionState;
  readonly #ask: AskAlso;

  constructor(state: ReductionState, ask: AskAlso) {
    this.#state = state;
    this.#ask = ask;
  }

  advance(): void {
    const gathering = [...this.#state.tasks.values()].filter((task) => task.state === "gathering");
    for (const task of gathering) this.#doubleSlow(task);
    this.#moveWaiting(gathering.flatMap((task) => task.children));
  }

  /** Those asked for last go first: their nodes come to them last. */
  #moveWaiting(fetches: readonly VertexFetch[]): void {
    const spans = fetches.filter((fetch) => fetch.isSpan && !fetch.isDone);
    const waiting = spans.filter((span) => span.waitsAt !== undefined);
    if (waiting.length === 0) return;
    const room = this.#room(spans);
    for (const fetch of waiting.reverse()) {
      if (room.size === 0) return;
      const idle = this.#others(fetch).find((node) => room.has(node));
      if (idle === undefined) continue;
      const left = (room.get(idle) ?? 0) - 1;
      if (left > 0) room.set(idle, left);
      else room.delete(idle);
      this.#ask(fetch, idle, true);
    }
  }

  #doubleSlow(task: VertexTask): void {
    const { paceMs } = this.#state.options.protocol;
    const scanned = task.children.filter((child) => !child.isDone && child.isSpan && child.attempts.length === 1);
    const measured = scanned.filter((child) => child.measure(paceMs) !== undefined);
    if (measured.length === 0) return;
    const paces = task.children.flatMap((child) => child.measure(paceMs)?.pace ?? []);
    for (const fetch of measured) {
      const measure = fetch.measure(paceMs);
      if (measure === undefined || !isSlow(measure, fetch.bytes, paces)) continue;
      const extraBytes = task.children.reduce((sum, child) => sum + child.extraBytes, fetch.bytes);
      if (extraBytes > EXTRA_SHARE * task.bytes) return;
      const [other] = this.#others(fetch);
      if (other === undefined) continue;
      this.#ask(fetch, other, false);
    }
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
