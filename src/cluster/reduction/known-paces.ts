/**
 * The pace at which each node last scanned a span of a plan, as far as this node knows: what a job of few spans is compared
 * with, of which siblings tell too little.
 */

import type { Digest, NodeId } from "../../base/ids.js";

/** Plans that are remembered; the oldest go first. */
const MAX_PLANS = 64;

export class KnownPaces {
  readonly #byPlan = new Map<Digest, Map<NodeId, number>>();

  /** `pace` in bytes a millisecond. */
  note(plan: Digest, node: NodeId, pace: number): void {
    const paces = this.#byPlan.get(plan) ?? new Map<NodeId, number>();
    this.#byPlan.delete(plan);
    this.#byPlan.set(plan, paces.set(node, pace));
    for (const oldest of this.#byPlan.keys()) {
      if (this.#byPlan.size <= MAX_PLANS) return;
      this.#byPlan.delete(oldest);
    }
  }

  /** The paces of all nodes. */
  of(plan: Digest): readonly number[] {
    return [...(this.#byPlan.get(plan)?.values() ?? [])];
  }

  /** The paces of all nodes but one. */
  ofOthers(plan: Digest, node: NodeId): readonly number[] {
    return [...(this.#byPlan.get(plan) ?? [])].flatMap(([id, pace]) => (id === node ? [] : [pace]));
  }
}
