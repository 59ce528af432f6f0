/**
 * Bugs that are known to be fatal, kept as switches: each takes away one rule. The suite fails when the simulator no
 * longer finds them. Those of single cores stand in their own files.
 */

import { ENGINE_MUTATIONS } from "./engine-mutations.js";
import { MEMBERSHIP_MUTATIONS } from "./membership-mutations.js";
import type { NamedMutation } from "./mutation.js";
import { RECORD_MUTATIONS } from "./record-mutations.js";
import { SCENARIOS } from "./scenarios.js";

export const MUTATIONS: { readonly [name: string]: NamedMutation } = {
  ...RECORD_MUTATIONS,
  ...MEMBERSHIP_MUTATIONS,
  ...ENGINE_MUTATIONS,
  ...SCENARIOS,
};
