/**
 * Bugs that are known to be fatal, kept as switches: each takes away one rule of the protocol. The suite fails when the
 * simulator no longer finds them.
 */

import type { Mutation } from "./cluster-simulation.js";
import type { SimOptions } from "./sim-options.js";

const NEVER_MS = Number.POSITIVE_INFINITY;

export interface NamedMutation extends Mutation {
  /** Options under which the bug shows often enough for a short test. */
  readonly options: Partial<SimOptions>;
}

/** One link grey, some files held by one node alone, and otherwise peace. */
const ONE_GREY_LINK: Partial<SimOptions> = {
  nodes: 4,
  crashes: 0,
  pauses: 0,
  partitions: 0,
  loss: 0,
  blackouts: 0,
  diskLosses: 0,
  gone: 0,
  greyLinks: 1,
  hasPrivateFiles: true,
  calmMs: 100,
  faultsEndMs: 8000,
};

export const MUTATIONS: { readonly [name: string]: NamedMutation } = {
  "no root takeover": { protocol: { rankDelayMs: NEVER_MS, rankDelayMaxMs: NEVER_MS }, options: ONE_GREY_LINK },
  "no repeated replication": { protocol: { replicateMs: NEVER_MS }, options: { loss: 0.2, diskLosses: 1 } },
  "no asking elsewhere": {
    protocol: { pullSilenceMs: NEVER_MS, pullStallMs: NEVER_MS },
    options: { ...ONE_GREY_LINK, loss: 0.2, hasPrivateFiles: false },
  },
  "no redialling": { protocol: { redialMinMs: NEVER_MS, redialMaxMs: NEVER_MS }, options: { partitions: 2 } },
  "no remembered members": {
    forgetsMembers: true,
    options: { nodes: 4, greyLinks: 1, blackouts: 1, lateJoin: false, calmMs: 100, faultsEndMs: 10_000 },
  },
  "acknowledging before fsync": { lyingDisks: true, options: { blackouts: 1, fsyncMs: 500 } },
};
