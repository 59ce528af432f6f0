/** Cuts of every shape: between two groups, one way only, between some pairs, and one link for good. */

import type { Begin } from "./fault-plan.js";
import type { SimOptions } from "./sim-options.js";
import type { SimulatedCluster } from "./simulated-cluster.js";
import type { Direction } from "./simulated-network.js";
import { addressOf, type SimulatedNode } from "./simulated-node.js";

const both = (one: number, other: number): readonly Direction[] => [
  [one, other],
  [other, one],
];

function pairsOf(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, one) => one).flatMap((one) =>
    Array.from({ length: count - one - 1 }, (_, above) => [one, one + above + 1] as const),
  );
}

/** Two groups that do not hear of each other. */
export const partitions: Begin = ({ nodes, network, trace }, random) => {
  const isInside = nodes.map(() => random.chance(0.5));
  trace.event(`partition ${isInside.map(Number).join("")}`);
  const across = pairsOf(nodes.length).filter(([one, other]) => isInside[one] !== isInside[other]);
  return network.cut(across.flatMap(([one, other]) => both(one, other)));
};

/** Nothing that one node sends arrives at some of the others, and it hears them well. */
export const oneWayCuts: Begin = ({ nodes, network, trace }, random) => {
  const mute = random.integer(0, nodes.length - 1);
  const deaf = nodes.map((_, other) => other).filter((other) => other !== mute && random.chance(0.5));
  if (deaf.length === 0) return undefined;
  trace.event(`one-way cut ${mute} to ${deaf}`);
  return network.cut(deaf.map((other) => [mute, other]));
};

/** Some pairs do not hear each other, and all of them hear the rest. */
export const partialCuts: Begin = ({ nodes, network, trace }, random) => {
  const pairs = pairsOf(nodes.length).filter(() => random.chance(0.3));
  if (pairs.length === 0) return undefined;
  trace.event(`partial cut ${pairs.map((pair) => pair.join("|"))}`);
  return network.cut(pairs.flatMap(([one, other]) => both(one, other)));
};

const mayForget = ({ diskLosses, brokenDisks, bitFlips, tornWrites, leaves }: SimOptions): boolean =>
  diskLosses + brokenDisks + bitFlips + tornWrites + leaves > 0;

/**
 * A link that fails for good, once a third node and both of its ends know each other: a node whose only way into the
 * cluster was cut before it had met anybody else could not be helped. Nor could one that is cut from the only address it
 * joins by and may forget whom it met, or be forgotten because it left.
 */
export const greyLinks: Begin = (cluster, random) => {
  const { nodes, trace, network, tally } = cluster;
  // Two nodes without a third between them would be a lasting partition.
  if (nodes.length < 3) return undefined;
  const first = random.integer(0, nodes.length - 2);
  const [left, right] = nodes.slice(first, first + 2);
  if (left === undefined || right === undefined) return undefined;
  if (right.seeds.includes(addressOf(left.id)) && mayForget(cluster.options)) return undefined;
  const cutWhenAcquainted = (): void => {
    if (!isAcquainted(cluster, [left, right])) {
      if (cluster.isFaulty) cluster.time.schedule(100, cutWhenAcquainted);
      return;
    }
    tally.add("greyLinks");
    trace.event(`grey link ${left.id} ${right.id}`);
    network.cut(both(first, first + 1), { atOnce: true });
  };
  cutWhenAcquainted();
  return undefined;
};

function isAcquainted(cluster: SimulatedCluster, pair: readonly SimulatedNode[]): boolean {
  const { forgetsState } = cluster.mutation.disk ?? {};
  const knows = (one: SimulatedNode, other: SimulatedNode): boolean =>
    (one.driver?.view().members ?? []).some((member) => member.id === other.id) &&
    (forgetsState === true || one.remembers(other.id));
  return cluster.nodes.some(
    (third) => !third.isGone && !pair.includes(third) && pair.every((end) => knows(end, third) && knows(third, end)),
  );
}
