/** The parts of the scaling benchmark: what is asked of which clusters, and the bar that each has to clear. */

import { ALL_FILES, filesOfParts, type InputFiles, PARTS, privateSource, sharedSource } from "./input-files.js";
import { largeGroupBy, mapHeavy } from "./jobs.js";
import type { LimitedCluster, Machine } from "./limited-cluster.js";
import { type Ask, efficiencyOf, type Figure, figureOf, NODES, runSideBySide, startClusters } from "./series.js";

export interface Bar {
  readonly name: string;
  readonly bar: string;
  readonly figure: string;
  readonly holds: boolean;
}

export interface Series {
  readonly title: string;
  readonly work: "fixed" | "growing";
  readonly figures: readonly Figure[];
}

export interface Outcome {
  readonly series: readonly Series[];
  readonly bars: readonly Bar[];
}

export interface Inputs {
  readonly machine: Machine;
  readonly files: InputFiles;
  /** Trials that each median is of, at least; those of a small cluster come several at a time. */
  readonly trials: number;
  /** Sizes of the clusters of which a series is measured, ascending. */
  readonly sizes: readonly number[];
  readonly say: (text: string) => void;
}

export const SIZES: readonly number[] = [1, 2, 4, 8];

const roundsFor = (trials: number, nodes: number): number => Math.ceil((trials * nodes) / NODES);

async function withClusters<Outcome>(
  starting: Promise<readonly LimitedCluster[]>,
  use: (clusters: readonly LimitedCluster[]) => Promise<Outcome>,
): Promise<Outcome> {
  const clusters = await starting;
  try {
    return await use(clusters);
  } finally {
    for (const cluster of clusters) await cluster.kill();
  }
}

/** Two nodes have no bar: fewer trials do. */
const trialsFor = (trials: number, nodes: number): number => (nodes === 2 ? Math.min(trials, NODES / nodes) : trials);

/** The same work for all sizes, and work that grows with the size; all nodes have all files. */
export async function sharedFiles({ machine, files, trials, sizes, say }: Inputs): Promise<Outcome> {
  const source = sharedSource(files);
  const [fixed, growing]: [Figure[], Figure[]] = [[], []];
  for (const nodes of sizes) {
    say(`map-heavy, shared files, ${nodes} nodes`);
    await withClusters(startClusters(machine, source, nodes, mapHeavy), async (clusters) => {
      const whole = await runSideBySide(clusters, roundsFor(trialsFor(trials, nodes), nodes), () =>
        mapHeavy(ALL_FILES),
      );
      fixed.push(figureOf(nodes, whole, machine.share));
      const part = nodes === PARTS ? whole : await runSideBySide(clusters, 1, () => mapHeavy(filesOfParts(nodes)));
      growing.push(figureOf(nodes, part, machine.share));
    });
  }
  return {
    series: [
      { title: "map-heavy, fixed work, shared files", work: "fixed", figures: fixed },
      { title: "map-heavy, work that grows with the nodes, shared files", work: "growing", figures: growing },
    ],
    bars: mapBars(fixed),
  };
}

function mapBars(figures: readonly Figure[]): readonly Bar[] {
  const [first] = figures;
  const last = figures.at(-1);
  if (first === undefined || last === undefined) return [];
  const efficiencyBar = (nodes: number, least: number): readonly Bar[] => {
    const figure = figures.find((candidate) => candidate.nodes === nodes);
    return figure === undefined
      ? []
      : [atLeast(`map-heavy, efficiency at ${nodes} nodes`, efficiencyOf(figure, first, "fixed"), least)];
  };
  const cpu = last.cpuSeconds / first.cpuSeconds;
  return [
    atLeast("map-heavy, processor seconds of one node", first.cpuSeconds, 30),
    ...efficiencyBar(4, 0.9),
    ...efficiencyBar(8, 0.85),
    atMost(`map-heavy, processor time at ${last.nodes} nodes beside one`, cpu, 1.15),
  ];
}

/** The same work, each file on one node. The lone node's figure is that of shared files: it has them all. */
export async function privateFiles({ machine, files, say }: Inputs): Promise<Outcome> {
  const figures: Figure[] = [];
  for (const nodes of [4, 8]) {
    say(`map-heavy, private files, ${nodes} nodes`);
    const source = privateSource(files, nodes);
    await withClusters(startPrivate(machine, source, nodes), async (clusters) => {
      const trials = await runSideBySide(clusters, roundsFor(2, nodes), () => mapHeavy(ALL_FILES));
      figures.push(figureOf(nodes, trials, machine.share));
    });
  }
  return { series: [{ title: "map-heavy, fixed work, private files", work: "fixed", figures }], bars: [] };
}

const startPrivate = (machine: Machine, source: Parameters<typeof startClusters>[1], nodes: number) =>
  startClusters(machine, source, nodes, mapHeavy);

/** About 10⁶ groups. */
export async function manyGroups({ machine, files, trials, sizes, say }: Inputs): Promise<Outcome> {
  const source = sharedSource(files);
  const figures: Figure[] = [];
  const ask: Ask = largeGroupBy;
  for (const nodes of sizes) {
    say(`large group-by, ${nodes} nodes`);
    await withClusters(startClusters(machine, source, nodes, ask), async (clusters) => {
      const rounds = roundsFor(Math.min(trials, 3), nodes);
      const answers = await runSideBySide(clusters, rounds, () => ask(ALL_FILES));
      figures.push(figureOf(nodes, answers, machine.share));
    });
  }
  const [first] = figures;
  const last = figures.at(-1);
  const bars =
    first === undefined || last === undefined
      ? []
      : [
          atLeast(`large group-by, efficiency at ${last.nodes} nodes`, efficiencyOf(last, first, "fixed"), 0.75),
          atMost("large group-by, most received by a node, over the mean", last.mostReceived ?? Number.NaN, 2),
        ];
  return { series: [{ title: "large group-by, fixed work, shared files", work: "fixed", figures }], bars };
}

export const atLeast = (name: string, value: number, least: number): Bar => ({
  name,
  bar: `≥ ${least}`,
  figure: value.toFixed(2),
  holds: value >= least,
});

const atMost = (name: string, value: number, most: number): Bar => ({
  name,
  bar: `≤ ${most}`,
  figure: value.toFixed(2),
  holds: value <= most,
});
