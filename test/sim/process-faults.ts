/** What befalls processes: crashes, freezes, slowness, lost disks, farewells, and nodes that never come back. */

import type { NodeId } from "../../src/base/ids.js";
import type { Begin } from "./fault-plan.js";
import type { SimulatedCluster } from "./simulated-cluster.js";
import { addressOf, type SimulatedNode } from "./simulated-node.js";

const SLOWNESS = 20;

export const crashes: Begin = ({ nodes, trace }, random) => {
  const node = random.pick(nodes);
  if (!node.isUp) return undefined;
  trace.event(`crash ${node.id}`);
  node.crash();
  return () => node.start();
};

export const pauses: Begin = ({ nodes, trace }, random) => {
  const node = random.pick(nodes);
  if (!node.isReachable) return undefined;
  trace.event(`freeze ${node.id}`);
  node.process.freeze();
  return () => node.process.thaw();
};

/** A crash that takes the disk along. */
export const diskLosses: Begin = ({ nodes, trace }, random) => {
  const node = random.pick(nodes);
  if (node.isGone) return undefined;
  trace.event(`disk loss ${node.id}`);
  node.crash();
  node.disk.wipe();
  return () => node.start();
};

/** A crash for ever. Not of a node that others need to find the cluster: with new disks they could not be helped. */
export const gone: Begin = (cluster, random) => {
  const { nodes, options, trace } = cluster;
  const isNeeded = (id: NodeId): boolean => nodes.some((other) => other.seeds.includes(addressOf(id)));
  const node = random.pick(nodes.filter((one) => !isNeeded(one.id)));
  // Of three nodes with a grey link the third connects the others.
  if (nodes.length < (options.greyLinks > 0 ? 4 : 2)) return undefined;
  trace.event(`gone ${node.id}`);
  node.crash();
  node.isGone = true;
  return () => undefined;
};

/** SIGTERM, and a start later. Not of the only holder of a file: once it has left, nobody misses what it held. */
export const leaves: Begin = (cluster, random) => {
  const { nodes, trace } = cluster;
  const candidates = nodes.filter((node) => node.isReachable && !cluster.holdsPrivateFiles(node));
  if (candidates.length === 0) return undefined;
  const node = random.pick(candidates);
  trace.event(`leave ${node.id}`);
  node.leave();
  return () => {
    // A farewell that was not over yet is cut short.
    node.crash();
    node.start();
  };
};

/** Everything takes twenty times as long; for ever, in half of the cases, if others can read what the node holds. */
export const slowNodes: Begin = (cluster, random) => {
  const node: SimulatedNode = random.pick(cluster.nodes);
  const isLasting = random.chance(0.5) && canBeDoneWithout(cluster, node) && !isAnySlowForEver(cluster);
  cluster.trace.event(`slow ${node.id}${isLasting ? " for ever" : ""}`);
  node.process.slowness = SLOWNESS;
  if (isLasting) {
    node.isSlowForEver = true;
    return () => undefined;
  }
  return () => {
    if (!node.isSlowForEver) node.process.slowness = 1;
  };
};

/** Somebody else computes the same and can read the same, whoever else goes for good. */
function canBeDoneWithout(cluster: SimulatedCluster, node: SimulatedNode): boolean {
  const { nodes, options } = cluster;
  const others = nodes.filter((other) => other !== node && other.semantics === node.semantics);
  return others.length > options.gone && !cluster.holdsPrivateFiles(node);
}

const isAnySlowForEver = (cluster: SimulatedCluster): boolean => cluster.nodes.some((node) => node.isSlowForEver);
