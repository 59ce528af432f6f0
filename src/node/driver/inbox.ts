/** The one queue of a node: inputs for its cores, taken in order, one at a time. */

import type { JobInput } from "../../cluster/job/job-events.js";
import type { MembershipInput } from "../../cluster/membership/membership-events.js";
import type { ReductionInput } from "../../cluster/reduction/reduction-events.js";

export type CoreInput =
  | { readonly core: "membership"; readonly input: MembershipInput }
  | { readonly core: "job"; readonly input: JobInput }
  | { readonly core: "reduction"; readonly input: ReductionInput };

export class Inbox {
  readonly #take: (input: CoreInput) => void;
  readonly #afterwards: () => void;
  readonly #waiting: CoreInput[] = [];
  #isDraining = false;

  /** `take` may put more inputs in; `afterwards` runs when none is left. */
  constructor(take: (input: CoreInput) => void, afterwards: () => void) {
    this.#take = take;
    this.#afterwards = afterwards;
  }

  job(input: JobInput): void {
    this.#put({ core: "job", input });
  }

  reduction(input: ReductionInput): void {
    this.#put({ core: "reduction", input });
  }

  membership(input: MembershipInput): void {
    this.#put({ core: "membership", input });
  }

  #put(input: CoreInput): void {
    this.#waiting.push(input);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#isDraining = false;
    }
    this.#afterwards();
  }
}
