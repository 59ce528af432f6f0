/**
 * One job on clusters of several sizes. As many clusters work side by side as there are nodes to fill: eight of one node,
 * one of eight. So all sizes share the caches and the cores of this machine with as many others, and what differs between
 * them is what clusters of different sizes do.
 */

import { BenchError, median } from "../bench/measure.js";
import { ALL_FILES, type Source, WARM_UP_FILES } from "./input-files.js";
import { LimitedCluster, type Machine, type Trial } from "./limited-cluster.js";

/** Nodes that work at a time, whatever the size of their clusters. */
export const NODES = 8;

/** For each node: what a lone one does in three runs takes a cluster as many more to do on all of its nodes. */
const WARM_UP_RUNS = 3;

/** A job on one size of cluster; medians over its trials. */
export interface Figure {
  readonly nodes: number;
  readonly trials: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of all nodes together; null where it is not known. */
  readonly movedBytes: number | null;
  /** What the node that received most received, over the mean of all. */
  readonly mostReceived: number | null;
  /** The share of its processor time that the least busy, and the busiest node used. */
  readonly leastBusy: number;
  readonly mostBusy: number;
}

/** A question over files that match a glob. */
export type Ask = (files: string) => string;

/** Clusters that fill the machine together, limited and warm. */
export async function startClusters(
  machine: Machine,
  source: Source,
  nodes: number,
  ask: Ask,
): Promise<readonly LimitedCluster[]> {
  const clusters: LimitedCluster[] = [];
  for (let index = 0; index < NODES / nodes; index += 1) {
    const cluster = new LimitedCluster(machine, source);
    for (let node = 0; node < nodes; node += 1) await cluster.start();
    clusters.push(cluster);
  }
  for (const cluster of clusters) await cluster.settle();
  await Promise.all(clusters.map((cluster) => warmUp(cluster, ask)));
  for (const cluster of clusters) cluster.limit();
  return clusters;
}

/** The code of the question is compiled, and the files are described, as those of any source that was asked about before. */
async function warmUp(cluster: LimitedCluster, ask: Ask): Promise<void> {
  for (let run = 0; run < WARM_UP_RUNS * cluster.nodes.length; run += 1) await cluster.run(ask(WARM_UP_FILES));
  await cluster.client.cancel(await cluster.submit(ask(ALL_FILES)));
}

/** `rounds` times each cluster of this size: a median of several trials, side by side and one after the other. */
export async function runSideBySide(
  clusters: readonly LimitedCluster[],
  rounds: number,
  ask: () => string,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (let round = 0; round < rounds; round += 1) {
    trials.push(...(await Promise.all(clusters.map((cluster) => cluster.run(ask())))));
  }
  return trials;
}

/** Throws a {@link BenchError} if two trials answered differently. */
export function figureOf(nodes: number, trials: readonly Trial[], share: number): Figure {
  const [first] = trials;
  const other = trials.find(({ answer }) => answer !== first?.answer);
  if (other !== undefined) throw new BenchError(`the answers differ:\n${first?.answer}\n${other.answer}`);
  const medianOf = (pick: (trial: Trial) => number): number => median(trials.map(pick));
  const busy = (trial: Trial): readonly number[] => trial.cpuSeconds.map((cpu) => cpu / (trial.seconds * share));
  const isTrafficKnown = trials.every(({ receivedBytes }) => receivedBytes !== undefined);
  return {
    nodes,
    trials: trials.length,
    seconds: medianOf(({ seconds }) => seconds),
    cpuSeconds: medianOf(({ cpuSeconds }) => sum(cpuSeconds)),
    movedBytes: isTrafficKnown ? medianOf(({ receivedBytes = [] }) => sum(receivedBytes)) : null,
    mostReceived: isTrafficKnown && nodes > 1 ? medianOf(mostReceivedOf) : null,
    leastBusy: medianOf((trial) => Math.min(...busy(trial))),
    mostBusy: medianOf((trial) => Math.max(...busy(trial))),
  };
}

function mostReceivedOf({ receivedBytes = [] }: Trial): number {
  return Math.max(...receivedBytes) / Math.max(1, sum(receivedBytes) / receivedBytes.length);
}

/** How many times faster than the first figure's, for each node; 1 is all that nodes can add. */
export function efficiencyOf(figure: Figure, first: Figure, work: "fixed" | "growing"): number {
  const faster = first.seconds / figure.seconds;
  return work === "growing" ? faster : (faster * first.nodes) / figure.nodes;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
