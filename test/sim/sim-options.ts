/** What one seed simulates: the cluster, its jobs, the faults. Every fault kind is off in half of the seeds. */

import { RandomStream } from "./random-stream.js";

export interface SimOptions {
  readonly nodes: number;
  readonly files: number;
  readonly maxFileLeaves: number;
  readonly jobs: number;
  /** Probability that a message is lost or sent twice. */
  readonly loss: number;
  readonly duplication: number;
  /** Scale of the heavy-tailed part of the delay: messages overtake each other. */
  readonly slowTailMs: number;
  readonly crashes: number;
  readonly pauses: number;
  readonly partitions: number;
  /** Longest fsync. */
  readonly fsyncMs: number;
  readonly lateJoin: boolean;
  /** All processes die right after a job was acknowledged. */
  readonly blackouts: number;
  /** Crashes that also take the disk: never more than one, and jobs that were acknowledged with one copy may be lost. */
  readonly diskLosses: number;
  /** The link between two nodes never works. */
  readonly greyLinks: number;
  /** Crashes of which the node never comes back: the jobs have a deadline then, and every other one takes what there is. */
  readonly gone: number;
  /** Some files are held by one node alone. */
  readonly hasPrivateFiles: boolean;
  /** Faults begin after `calmMs` and end at `faultsEndMs`. */
  readonly calmMs: number;
  readonly faultsEndMs: number;
}

/** Half of the seeds lose a node for good, and then some files with it. */
function loneHolders(random: RandomStream): Pick<SimOptions, "gone" | "hasPrivateFiles"> {
  const gone = random.chance(0.5) ? 1 : 0;
  return { gone, hasPrivateFiles: gone > 0 || random.chance(0.5) };
}

export function optionsOf(seed: number): SimOptions {
  const random = new RandomStream(seed, "options");
  const sometimes = (value: () => number): number => {
    const drawn = value();
    return random.chance(0.5) ? drawn : 0;
  };
  const holders = loneHolders(random);
  return {
    nodes: random.integer(1, 10) === 1 ? 1 : random.integer(2, 6),
    files: random.integer(holders.gone > 0 ? 2 : 1, 4),
    maxFileLeaves: random.pick([1, 4, 20, 40]),
    jobs: random.integer(1, 3),
    loss: sometimes(() => random.between(0.01, 0.2)),
    duplication: sometimes(() => random.between(0.01, 0.1)),
    slowTailMs: sometimes(() => random.between(5, 300)),
    crashes: sometimes(() => random.integer(1, 4)),
    pauses: sometimes(() => random.integer(1, 3)),
    partitions: sometimes(() => random.integer(1, 3)),
    fsyncMs: sometimes(() => random.between(5, 800)) || 3,
    lateJoin: random.chance(0.3),
    blackouts: sometimes(() => 1),
    diskLosses: sometimes(() => 1),
    greyLinks: sometimes(() => 1),
    ...holders,
    calmMs: random.pick([100, 1000, 3000]),
    faultsEndMs: random.between(6000, 20_000),
  };
}
