/**
 * The pace at which each node last scanned a span of a kind of work, as far as this node knows: what a job of few spans is compared
 * with, of which siblings tell too little.
 */

import type { NodeId } from "../../base/ids.js";

/** Kinds of work that are remembered; the oldest go first. */
const MAX_KINDS = 64;

export class KnownPaces {
  readonly #byWork = new Map<string, Map<NodeId, number>>();

  /** `pace` in bytes a millisecond. */
  note(work: string, node: NodeId, pace: number): void {
    const paces = this.#byWork.get(work) ?? new Map<NodeId, number>();
    this.#byWork.delete(work);
    this.#byWork.set(work, paces.set(node, pace));
    for (const oldest of this.#byWork.keys()) {
      if (this.#byWork.size <= MAX_KINDS) return;
      this.#byWork.delete(oldest);
    }
  }

  /** The paces of all nodes. */
  of(work: string): readonly number[] {
    return [...(this.#byWork.get(work)?.values() ?? [])];
  }

  at(work: string, node: NodeId): number | undefined {
    return this.#byWork.get(work)?.get(node);
  }

  /** The paces of those nodes of which it is so. */
  ofThose(work: string, isMeant: (node: NodeId) => boolean): readonly number[] {
    return [...(this.#byWork.get(work) ?? [])].flatMap(([id, pace]) => (isMeant(id) ? [pace] : []));
  }
}
