/**
 * The view that work is placed by. It follows the members once they have kept still for a while, so that one that flaps
 * does not move the spans of everyone to and fro; but it never lags behind for long. Views that differ cost work, never
 * correctness: who is asked for records, and who computes roots, goes by the latest view.
 */

import type { Member, View } from "../member.js";
import { isPlaced } from "../placement/ring.js";
import type { Protocol } from "../protocol.js";

export class StableView {
  readonly #protocol: Protocol;
  #view: View;
  #latest: View;
  /** When the latest view last changed in what placement looks at. */
  #changedAtMs = 0;
  /** Since when the two differ in that. */
  #differsSinceMs: number | undefined;

  constructor(view: View, protocol: Protocol) {
    this.#view = view;
    this.#latest = view;
    this.#protocol = protocol;
  }

  /** The members have changed. */
  observe(nowMs: number, latest: View): void {
    if (!placesAlike(latest, this.#latest)) this.#changedAtMs = nowMs;
    this.#latest = latest;
    this.#differsSinceMs = placesAlike(latest, this.#view) ? undefined : (this.#differsSinceMs ?? nowMs);
  }

  /** The view to place by from now on, if it is another one. */
  advance(nowMs: number): View | undefined {
    if (this.#view === this.#latest || !this.#isDue(nowMs)) return undefined;
    this.#view = this.#latest;
    this.#differsSinceMs = undefined;
    return this.#view;
  }

  #isDue(nowMs: number): boolean {
    const { viewStableMs, viewLagMs } = this.#protocol;
    if (this.#differsSinceMs === undefined || isAlone(this.#view)) return true;
    return nowMs - this.#changedAtMs >= viewStableMs || nowMs - this.#differsSinceMs >= viewLagMs;
  }
}

/** A node that saw nobody yet has no work that could move. */
const isAlone = (view: View): boolean => view.members.filter(isPlaced).length <= 1;

const placesAlike = (left: View, right: View): boolean => placesOf(left) === placesOf(right);

const placesOf = (view: View): string => JSON.stringify(view.members.filter(isPlaced).map(placeOf));

const placeOf = ({ id, state, threads, sources, demoted }: Member): readonly unknown[] => [
  id,
  state,
  threads,
  sources,
  demoted === true,
];
