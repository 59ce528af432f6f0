/** What befalls log files under a running job: growth, rotation, truncation, other bytes in place. */

import { LEAF_BYTES } from "../../src/job/tree.js";
import type { Begin } from "./fault-plan.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedCluster } from "./simulated-cluster.js";
import { nameOf } from "./toy-sources.js";

type Change = (cluster: SimulatedCluster, name: string, random: RandomStream) => void;

const changing =
  (verb: string, change: Change): Begin =>
  (cluster, random) => {
    const name = nameOf(random.pick(cluster.sources.files));
    cluster.trace.event(`${verb} ${name}`);
    change(cluster, name, random);
    return () => undefined;
  };

export const appends = changing("append to", ({ sources, time }, name, random) => {
  sources.append(name, random.integer(1, 2 * LEAF_BYTES), time.nowMs);
});

export const rotations = changing("rotate", ({ sources, time }, name, random) => {
  sources.rotate(name, random.integer(1, 4 * LEAF_BYTES), time.nowMs);
});

export const truncations = changing("truncate", ({ sources, time }, name, random) => {
  sources.truncate(name, random.integer(1, sources.named(name).sizeBytes), time.nowMs);
});

export const rewrites = changing("rewrite", ({ sources, time }, name) => {
  sources.rewrite(name, time.nowMs);
});
