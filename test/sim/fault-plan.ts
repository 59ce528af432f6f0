/**
 * When which fault happens. Each single fault has a name (`crashes#1`) and a random stream of its own, so that leaving one
 * out changes nothing about the others.
 */

import { bitFlips, brokenDisks, fullDisks } from "./disk-faults.js";
import { appends, rewrites, rotations, truncations } from "./input-faults.js";
import { greyLinks, oneWayCuts, partialCuts, partitions } from "./network-faults.js";
import { crashes, diskLosses, gone, leaves, pauses, slowNodes } from "./process-faults.js";
import type { RandomStream } from "./random-stream.js";
import { FAULT_KINDS, type FaultKind } from "./sim-options.js";
import type { SimulatedCluster } from "./simulated-cluster.js";

/** Begins a fault; returns what ends it, or undefined if it could not happen, or counts itself later. */
export type Begin = (cluster: SimulatedCluster, random: RandomStream) => (() => void) | undefined;

const BEGIN: { readonly [kind in FaultKind]: Begin } = {
  crashes,
  pauses,
  diskLosses,
  gone,
  leaves,
  slowNodes,
  partitions,
  oneWayCuts,
  partialCuts,
  greyLinks,
  fullDisks,
  brokenDisks,
  bitFlips,
  appends,
  rotations,
  truncations,
  rewrites,
};

/** The names of all single faults that the options ask for. */
export const faultsOf = (options: SimulatedCluster["options"]): readonly string[] =>
  FAULT_KINDS.flatMap((kind) => Array.from({ length: options[kind] }, (_, number) => `${kind}#${number}`)).filter(
    (name) => !options.without.includes(name),
  );

export function planFaults(cluster: SimulatedCluster): void {
  for (const name of faultsOf(cluster.options)) planFault(cluster, name);
}

function planFault(cluster: SimulatedCluster, name: string): void {
  const { time, tally, options } = cluster;
  const { calmMs, faultsEndMs } = options;
  const kind = name.split("#")[0] as FaultKind;
  const random = cluster.stream(name);
  // Whoever goes for good does so early, so that jobs come afterwards.
  const latestMs = kind === "gone" ? (calmMs + faultsEndMs) / 2 : faultsEndMs;
  const lengthMs = random.pick([100, 1000, 5000, 12_000]) * random.between(0.5, 1.5);
  time.schedule(random.between(calmMs, latestMs), () => {
    const end = BEGIN[kind](cluster, random);
    if (end === undefined) return;
    tally.add(kind);
    time.schedule(Math.min(lengthMs, faultsEndMs - time.nowMs), end);
  });
}
