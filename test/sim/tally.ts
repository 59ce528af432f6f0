/** How often each kind of thing happened, over any number of runs; and what should have happened and never did. */

import { FAILPOINTS, FAULT_KINDS, NUISANCES } from "./sim-options.js";

/** What a client gets out of it: a run without answers has checked nothing. */
const OUTCOMES = [
  "acknowledgements",
  "answers",
  "incomplete answers",
  "previews",
  "failed jobs",
  "cancelled jobs",
  "vertices",
  "slices",
  "parts",
];

export const EXPECTED: readonly string[] = [...FAULT_KINDS, ...FAILPOINTS, ...NUISANCES, ...OUTCOMES];

export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string, times = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  of(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  addAll(other: Tally): void {
    for (const [kind, times] of other.#counts) this.add(kind, times);
  }

  /** What was expected of a run of many seeds and never came. */
  missed(): readonly string[] {
    return EXPECTED.filter((kind) => this.of(kind) === 0);
  }

  toString(): string {
    return EXPECTED.map((kind) => `${this.of(kind)} ${kind}`).join(", ");
  }
}
