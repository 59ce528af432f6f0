/**
 * Spans that wait where the queue takes far longer than elsewhere go to other nodes, long before anybody is idle: a node
 * with a tenth of the pace keeps a tenth of its queue. Which ones stay follows from their keys alone, so all who wait for
 * spans of one node decide alike without a word, and none is moved twice.
 */

import type { NodeId } from "../../base/ids.js";
import type { ReductionState } from "./reduction-state.js";
import { otherPlaces } from "./span-places.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";

/** With fewer queues there is no usual one. */
const LEAST_QUEUES = 3;

/** A queue that takes so many times as long as the usual one, and so much longer, is too long. */
const LONG_FACTOR = 2;
const LONG_MS = 2000;

/** A span that waits at a node. */
export interface Waiting {
  readonly fetch: VertexFetch;
  readonly attempt: Attempt;
}

export class QueueShares {
  readonly #state: ReductionState;
  readonly #move: (fetch: VertexFetch, from: Attempt, to: NodeId) => void;

  constructor(state: ReductionState, move: (fetch: VertexFetch, from: Attempt, to: NodeId) => void) {
    this.#state = state;
    this.#move = move;
  }

  /** Returns those that stay where they are. */
  balance(waiting: readonly Waiting[]): readonly Waiting[] {
    const kept = this.#keptShares(waiting);
    if (kept.size === 0) return waiting;
    return waiting.filter(({ fetch, attempt }) => {
      const share = kept.get(attempt.node);
      if (share === undefined || placeInQueue(fetch) < share) return true;
      for (const other of otherPlaces(fetch, this.#state)) {
        if (kept.has(other)) continue;
        this.#move(fetch, attempt, other);
        return false;
      }
      return true;
    });
  }

  /** Of each node whose queue is too long, the share of it that would take the usual time. */
  #keptShares(waiting: readonly Waiting[]): ReadonlyMap<NodeId, number> {
    const { loads, nowMs } = this.#state;
    const nodes = [...new Set(waiting.map(({ attempt }) => attempt.node))];
    const queues = nodes.flatMap((node) => {
      const queue = loads.queueOf(node, nowMs);
      return queue === undefined ? [] : [{ node, ...queue }];
    });
    const kept = new Map<NodeId, number>();
    if (queues.length < LEAST_QUEUES) return kept;
    const usualMs = sumOf(queues, ({ bytes }) => bytes) / sumOf(queues, ({ pace }) => pace);
    for (const { node, bytes, pace } of queues) {
      const isLong = bytes > pace * Math.max(LONG_FACTOR * usualMs, usualMs + LONG_MS);
      if (isLong) kept.set(node, (usualMs * pace) / bytes);
    }
    return kept;
  }
}

const sumOf = <Item>(items: readonly Item[], numberOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + numberOf(item), 0);

/** From 0 to 1, by the key alone. */
const placeInQueue = ({ key }: VertexFetch): number => Number.parseInt(key.slice(0, 8), 16) / 2 ** 32;
