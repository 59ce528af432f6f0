/** Who could take a span over from the node that has it. */

import type { NodeId } from "../../base/ids.js";
import type { Member, View } from "../member.js";
import type { ReductionState } from "./reduction-state.js";
import type { VertexFetch } from "./vertex-fetch.js";

/** Who else can read a span and has not said that it lags, in order of preference: first those known to be fast, last the slow. */
export function* otherPlaces(fetch: VertexFetch, { view, loads, nowMs }: ReductionState): Iterable<NodeId> {
  const { slow, well } = loads.grades(view, nowMs);
  const members = new Map(view.members.map((member) => [member.id, member]));
  const isOther = (node: NodeId): boolean => {
    const member = members.get(node);
    return member !== undefined && isWell(member) && !isAsked(fetch, node);
  };
  const others = fetch.candidates(view).filter(isOther);
  yield* others.filter((node) => well.has(node));
  yield* others.filter((node) => !well.has(node) && !slow.has(node));
  yield* others.filter((node) => slow.has(node));
}

const isWell = ({ state, demoted }: Member): boolean => state === "alive" && demoted !== true;

const isAsked = ({ attempts }: VertexFetch, node: NodeId): boolean => attempts.some((attempt) => attempt.node === node);

/** Threads that would start another span at once, as far as this node knows, of each member that is well and has any. */
export class IdleThreads {
  readonly #view: View;
  readonly #known: ReadonlySet<NodeId>;
  readonly #threads: Map<NodeId, number>;

  constructor({ view, loads, nowMs, tasks, options }: ReductionState, fetches: readonly VertexFetch[]) {
    this.#view = view;
    const { slow, well } = loads.grades(view, nowMs);
    this.#known = well;
    const idle = view.members.filter((member) => {
      return isWell(member) && !slow.has(member.id) && !loads.isBusy(member.id, nowMs);
    });
    this.#threads = new Map(idle.map(({ id, threads }) => [id, threads]));
    for (const { isSpan, isDone, attempts } of fetches) {
      if (isSpan && !isDone) for (const { node } of attempts) this.take(node);
    }
    const ownSpans = [...tasks.values()].filter((task) => task.isSpan).length;
    this.#threads.delete(view.self);
    const isSelfIdle = ownSpans < options.scanSlots && idle.some(({ id }) => id === view.self);
    if (isSelfIdle) this.#threads.set(view.self, options.scanSlots - ownSpans);
  }

  get isAny(): boolean {
    return this.#threads.size > 0;
  }

  /** The first one of those whom to ask for a span; one that is known to be fast, if there is any. */
  placeFor(fetch: VertexFetch, isMeant: (node: NodeId) => boolean = () => true): NodeId | undefined {
    if (!this.isAny) return undefined;
    const isFree = (node: NodeId): boolean => this.has(node) && !isAsked(fetch, node) && isMeant(node);
    const candidates = fetch.candidates(this.#view);
    return candidates.find((node) => this.#known.has(node) && isFree(node)) ?? candidates.find(isFree);
  }

  has(node: NodeId): boolean {
    return this.#threads.has(node);
  }

  /** One of them has something to do now. */
  take(node: NodeId): void {
    const left = (this.#threads.get(node) ?? 0) - 1;
    if (left > 0) this.#threads.set(node, left);
    else this.#threads.delete(node);
  }
}
