/**
 * Makes a failing run smaller: leaves out kinds of faults, then single ones, then nodes, jobs and files, one by one, for as
 * long as it still fails in the same way. Streams of their own keep the rest as it was.
 */

import { ClusterSimulation } from "./cluster-simulation.js";
import { faultsOf } from "./fault-plan.js";
import type { Mutation } from "./mutation.js";
import { FAILPOINTS, FAULT_KINDS, NUISANCES, type SimOptions } from "./sim-options.js";

export interface Shrunk {
  readonly options: SimOptions;
  readonly runs: number;
}

/** Two failures are of one kind when they say the same but for what they say it of. */
const kindOf = (failure: string | undefined): string | undefined =>
  failure
    ?.split("\n")[0]
    ?.replace(/\b(?:n\d+|[0-9a-f]{20,}|\d+(?:\.\d+)?)\b/g, "·")
    .slice(0, 80);

export function shrink(seed: number, options: SimOptions, mutation: Mutation): Shrunk {
  let runs = 0;
  const failureOf = (tried: SimOptions): string | undefined => {
    runs += 1;
    return kindOf(new ClusterSimulation(seed, mutation, tried).run().failure);
  };
  const failure = failureOf(options);
  let smallest = options;
  const attempt = (change: Partial<SimOptions>): void => {
    const tried = { ...smallest, ...change };
    if (failureOf(tried) === failure) smallest = tried;
  };
  for (const kind of [...FAULT_KINDS, ...FAILPOINTS, ...NUISANCES, "cancels", "retentionMs"] as const) {
    if (smallest[kind] > 0) attempt({ [kind]: 0 });
  }
  if (smallest.hasPrivateFiles) attempt({ hasPrivateFiles: false });
  for (const name of faultsOf(smallest)) attempt({ without: [...smallest.without, name] });
  for (const size of ["jobs", "files", "nodes", "maxFileLeaves"] as const) {
    while (smallest[size] > 1) {
      const before = smallest;
      attempt({ [size]: smallest[size] - 1 });
      if (smallest === before) break;
    }
  }
  return { options: smallest, runs };
}
