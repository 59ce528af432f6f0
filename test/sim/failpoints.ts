/**
 * Deaths at the worst moments: right after an acknowledgement, before a record is synced, while lost copies are made again,
 * right after a job has ended. One process dies, or all of them do.
 */

import type { RandomStream } from "./random-stream.js";
import { FAILPOINTS, type Failpoint } from "./sim-options.js";
import type { SimulatedCluster } from "./simulated-cluster.js";
import type { SimulatedNode } from "./simulated-node.js";

/** How likely the failpoint strikes at one of its moments. */
const LIKELIHOOD: { readonly [point in Failpoint]: number } = {
  afterAcknowledge: 1,
  beforeSync: 0.3,
  midRepair: 0.3,
  afterFinish: 0.7,
};

export class Failpoints {
  readonly #cluster: SimulatedCluster;
  readonly #left = new Map<Failpoint, number>();
  readonly #random = new Map<Failpoint, RandomStream>();

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
    for (const point of FAILPOINTS) {
      this.#left.set(point, cluster.options[point]);
      this.#random.set(point, cluster.stream(point));
    }
    for (const node of cluster.nodes) {
      node.disk.onRecordPending = () => this.reached("beforeSync", node);
    }
  }

  /** One of the moments of a failpoint has come at a node. */
  reached(point: Failpoint, node: SimulatedNode): void {
    const left = this.#left.get(point) ?? 0;
    const random = this.#random.get(point);
    if (left === 0 || random === undefined || !this.#cluster.isFaulty || !random.chance(LIKELIHOOD[point])) return;
    this.#left.set(point, left - 1);
    this.#cluster.tally.add(point);
    // The acknowledging node alone would be one crash of many; all at once leave nothing but the disks.
    const dying = point === "afterAcknowledge" || random.chance(0.5) ? this.#cluster.nodes : [node];
    this.#cluster.trace.event(`${point} kills ${dying.map(({ id }) => id)}`);
    this.#cluster.time.schedule(0, () => {
      for (const one of dying) one.crash();
    });
    for (const one of dying) this.#cluster.time.schedule(random.between(10, 2000), () => one.start());
  }
}
