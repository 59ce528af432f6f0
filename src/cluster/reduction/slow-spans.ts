/**
 * Spans that are scanned too slowly are asked of another node as well. At less than half the pace of its siblings a span is,
 * as long as that is little extra work: spans differ. At less than a quarter of what nodes that are well do it is at once,
 * as if nobody scanned it, for what is read in vain then is little, and again if the other one is no faster: of however many
 * slow nodes, none keeps a span. What is young, or nearly done, stays where it is: a healthy job is never run twice.
 */

import type { NodeId } from "../../base/ids.js";
import { isSlow, isVerySlow } from "./pace.js";
import type { ReductionState } from "./reduction-state.js";
import { type IdleThreads, otherPlaces } from "./span-places.js";
import type { Attempt, SpanMeasure, VertexFetch } from "./vertex-fetch.js";

/** Of the bytes below a vertex, how many may be scanned twice, all told, because a node is slow. One span may in any case. */
const EXTRA_SHARE = 0.1;

export class SlowSpans {
  readonly #state: ReductionState;
  readonly #ask: (fetch: VertexFetch, node: NodeId) => void;

  constructor(state: ReductionState, ask: (fetch: VertexFetch, node: NodeId) => void) {
    this.#state = state;
    this.#ask = ask;
  }

  notePace(fetch: VertexFetch): void {
    const { paces, options } = this.#state;
    const measure = fetch.isDone ? undefined : fetch.measure(options.protocol.paceMs);
    if (measure !== undefined) paces.note(fetch.work, measure.node, measure.pace);
  }

  /** `idle` are the threads that nobody uses. */
  double(siblings: readonly VertexFetch[], idle: () => IdleThreads): void {
    const { nowMs, view, options } = this.#state;
    const { protocol } = options;
    const paces = siblings.flatMap((sibling) => sibling.measure(protocol.paceMs)?.pace ?? []);
    for (const fetch of siblings) {
      if (fetch.isDone) continue;
      for (const attempt of fetch.attempts) attempt.isVerySlow = this.#isVerySlow(fetch, attempt);
      const heard = fetch.heardOf(nowMs, view, protocol);
      const hopeful = heard.filter(({ isVerySlow: isHopeless }) => !isHopeless);
      if (heard.length === 0 || hopeful.length > 1) continue;
      const [only] = hopeful;
      if (only !== undefined && !(heard.length === 1 && this.#isSlow(fetch, only, siblings, paces))) continue;
      const other = idle().placeFor(fetch) ?? firstOf(otherPlaces(fetch, this.#state));
      if (other === undefined) continue;
      idle().take(other);
      this.#ask(fetch, other);
    }
  }

  #isSlow(fetch: VertexFetch, attempt: Attempt, siblings: readonly VertexFetch[], paces: readonly number[]): boolean {
    const { nowMs, view, options } = this.#state;
    const { protocol } = options;
    const measure = fetch.measureOf(attempt, protocol.paceMs);
    if (measure === undefined || !isSlow(measure, fetch.bytes, paces)) return false;
    const allBytes = siblings.reduce((sum, { bytes }) => sum + bytes, 0);
    const twiceBytes = siblings.reduce((sum, sibling) => sum + sibling.extraBytes(nowMs, view, protocol), 0);
    return twiceBytes === 0 || twiceBytes + fetch.bytes <= EXTRA_SHARE * allBytes;
  }

  /** Far behind what nodes that are well did with the same plan; where nothing is known of any, by the node's own word. */
  #isVerySlow(fetch: VertexFetch, attempt: Attempt): boolean {
    const { paces, view, options } = this.#state;
    const measure = fetch.measureOf(attempt, options.protocol.paceMs);
    if (measure === undefined) return false;
    const well = new Set(view.members.flatMap(({ id, demoted }) => (demoted === true ? [] : [id])));
    const others = paces.ofThose(fetch.work, (id) => id !== attempt.node && well.has(id));
    if (others.length > 0) return isVerySlow(measure, fetch.bytes, others);
    return !well.has(attempt.node) && this.#takesLong(fetch, measure);
  }

  #takesLong({ bytes }: VertexFetch, { doneBytes, pace }: SpanMeasure): boolean {
    const leftBytes = bytes - doneBytes;
    return leftBytes > bytes / 2 || leftBytes > pace * this.#state.options.protocol.pullStallMs;
  }
}

function firstOf<Item>(items: Iterable<Item>): Item | undefined {
  for (const item of items) return item;
  return undefined;
}
