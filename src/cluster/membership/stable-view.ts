/**
 * The view that work is placed by. It follows newcomers at once, and other changes when the members have kept still for a
 * while, so that one that flaps does not move the spans of everyone to and fro; but it never lags behind for long. Views that differ cost work, never
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
    if (this.#differsSinceMs === undefined || onlyAddsNewcomers(this.#view, this.#latest)) return true;
    return nowMs - this.#changedAtMs >= viewStableMs || nowMs - this.#differsSinceMs >= viewLagMs;
  }
}

/** Nobody that was known is placed otherwise: who is met for the first time does not flap, and all had better know it alike. */
function onlyAddsNewcomers(before: View, after: View): boolean {
  return everyPair(before, after, (known, member) => {
    if (known !== undefined) return isPlacedAlike(known, member);
    return member?.state === "alive" && member.demoted !== true;
  });
}

const placesAlike = (left: View, right: View): boolean => everyPair(left, right, isPlacedAlike);

/** Whether it holds of all that either view knows, each as both know it. Views are sorted by id, and share most accounts. */
function everyPair(
  { members: lefts }: View,
  { members: rights }: View,
  holds: (left: Member | undefined, right: Member | undefined) => boolean,
): boolean {
  let at = 0;
  for (const right of rights) {
    let left = lefts[at];
    for (; left !== undefined && left.id < right.id; left = lefts[at]) {
      if (!holds(left, undefined)) return false;
      at += 1;
    }
    const isKnown = left?.id === right.id;
    if (left !== right && !holds(isKnown ? left : undefined, right)) return false;
    if (isKnown) at += 1;
  }
  return lefts.slice(at).every((left) => holds(left, undefined));
}

/** Who is not placed may as well be unknown. */
function isPlacedAlike(left: Member | undefined, right: Member | undefined): boolean {
  const isOn = left !== undefined && isPlaced(left);
  if (isOn !== (right !== undefined && isPlaced(right))) return false;
  return !isOn || JSON.stringify(placeOf(left)) === JSON.stringify(right && placeOf(right));
}

const placeOf = ({ state, threads, sources, demoted }: Member): readonly unknown[] => [
  state,
  threads,
  sources,
  demoted === true,
];
