/**
 * What one seed simulates: the cluster, its jobs, its faults. Every kind of fault is off in at least half of the seeds
 * ("swarm testing": Groce, Zhang, Eide, Chen, Regehr, 2012): bugs hide behind faults that end a run early.
 */

import { RandomStream } from "./random-stream.js";

/** Faults that happen at a moment of their own, most of them for a while: how many of each. */
export const FAULT_KINDS = [
  "crashes",
  "pauses",
  "diskLosses",
  "gone",
  "leaves",
  "slowNodes",
  "partitions",
  "oneWayCuts",
  "partialCuts",
  "greyLinks",
  "fullDisks",
  "brokenDisks",
  "bitFlips",
  "appends",
  "rotations",
  "truncations",
  "rewrites",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Moments at which processes die, of which random times would almost never find the worst. */
export const FAILPOINTS = ["afterAcknowledge", "beforeSync", "midRepair", "afterFinish"] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** What goes on all the time while faults last; counted by the messages, writes and nodes that it touched. */
export const NUISANCES = [
  "loss",
  "duplication",
  "reordering",
  "slowTailMs",
  "tornWrites",
  "fsyncMs",
  "skewMs",
  "lateNodes",
  "otherVersions",
] as const;
export type Nuisance = (typeof NUISANCES)[number];

export type SimOptions = { readonly [kind in FaultKind | Failpoint | Nuisance]: number } & {
  readonly nodes: number;
  readonly files: number;
  readonly maxFileLeaves: number;
  readonly jobs: number;
  /** Jobs that a client cancels. */
  readonly cancels: number;
  /** Some files are held by one node alone. */
  readonly hasPrivateFiles: boolean;
  /** Partials of more bytes are merged in parts; 0 for the protocol's limits. */
  readonly inlineBytes: number;
  /** Ended jobs are let go after so long; 0 for the protocol's day. */
  readonly retentionMs: number;
  /** Faults begin after `calmMs` and end at `faultsEndMs`. */
  readonly calmMs: number;
  readonly faultsEndMs: number;
  /** Single faults that are left out, such as `crashes#1`: what shrinking found to be beside the point. */
  readonly without: readonly string[];
};

/** Nodes of one version that another one's jobs need: each version keeps one if a node goes for good. */
const NODES_PER_VERSION = 2;

export function optionsOf(seed: number): SimOptions {
  const stream = (concern: string): RandomStream => new RandomStream(seed, `options ${concern}`);
  const sometimes = (kind: string, value: (random: RandomStream) => number): number => {
    const random = stream(kind);
    return random.chance(0.5) ? value(random) : 0;
  };
  const upTo = (kind: string, most: number): number => sometimes(kind, (random) => random.integer(1, most));
  const random = stream("cluster");
  const nodes = random.integer(1, 10) === 1 ? random.integer(1, 4) : random.integer(5, 7);
  const gone = upTo("gone", 1);
  const otherVersions = nodes >= 2 * NODES_PER_VERSION && random.chance(0.2) ? NODES_PER_VERSION : 0;
  const changesInput = random.chance(0.3);
  const change = (kind: string): number => (changesInput ? upTo(kind, 2) : 0);
  return {
    nodes,
    files: random.integer(gone > 0 ? 2 : 1, 4),
    maxFileLeaves: random.pick([1, 4, 20, 40]),
    jobs: random.integer(1, 3),
    cancels: random.chance(0.1) ? 1 : 0,
    hasPrivateFiles: otherVersions === 0 && (gone > 0 || random.chance(0.5)),
    inlineBytes: sometimes("inlineBytes", (drawn) => drawn.pick([1, 1, 170])),
    retentionMs: random.chance(0.05) ? 8000 : 0,
    calmMs: random.pick([100, 1000, 3000]),
    faultsEndMs: random.between(5000, 15_000),
    without: [],
    loss: sometimes("loss", (drawn) => drawn.between(0.01, 0.2)),
    duplication: sometimes("duplication", (drawn) => drawn.between(0.01, 0.1)),
    reordering: sometimes("reordering", (drawn) => drawn.between(0.01, 0.1)),
    slowTailMs: sometimes("slowTailMs", (drawn) => drawn.between(5, 300)),
    crashes: upTo("crashes", 4),
    pauses: upTo("pauses", 3),
    diskLosses: upTo("diskLosses", 1),
    gone,
    leaves: upTo("leaves", 2),
    slowNodes: upTo("slowNodes", 2),
    partitions: upTo("partitions", 3),
    oneWayCuts: upTo("oneWayCuts", 2),
    partialCuts: upTo("partialCuts", 2),
    greyLinks: upTo("greyLinks", 1),
    fullDisks: upTo("fullDisks", 2),
    brokenDisks: upTo("brokenDisks", 2),
    bitFlips: upTo("bitFlips", 3),
    appends: change("appends"),
    rotations: change("rotations"),
    truncations: change("truncations"),
    rewrites: change("rewrites"),
    afterAcknowledge: upTo("afterAcknowledge", 1),
    beforeSync: upTo("beforeSync", 2),
    midRepair: upTo("midRepair", 2),
    afterFinish: upTo("afterFinish", 1),
    tornWrites: sometimes("tornWrites", () => 0.5),
    fsyncMs: sometimes("fsyncMs", (drawn) => drawn.between(5, 800)),
    skewMs: sometimes("skewMs", () => 86_400_000),
    lateNodes: nodes > 1 ? upTo("lateNodes", Math.min(2, nodes - 1)) : 0,
    otherVersions,
  };
}

/** Options under which nothing ever goes wrong. */
export const CALM: Partial<SimOptions> = {
  ...Object.fromEntries([...FAULT_KINDS, ...FAILPOINTS, ...NUISANCES].map((kind) => [kind, 0])),
  cancels: 0,
  retentionMs: 0,
};

/** Whether nothing can go wrong under these options. */
export const isCalm = (options: SimOptions): boolean =>
  [...FAULT_KINDS, ...FAILPOINTS, ...NUISANCES].every((kind) => options[kind] === 0) && options.cancels === 0;
