/** A simulated cluster: nodes, network, disks and files from one seed and its options, and what is wrong with them. */

import { type JobId, type NodeId, nodeId } from "../../src/base/ids.js";
import { INCARNATIONS_PER_LIFE } from "../../src/cluster/member.js";
import { PROTOCOL_SETTINGS, type Protocol, protocolWith } from "../../src/cluster/protocol.js";
import { SEMANTICS_VERSION } from "../../src/job/manifest.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import type { DriverPorts } from "../../src/node/driver/driver-config.js";
import type { Mutation } from "./mutation.js";
import { RandomStream } from "./random-stream.js";
import type { SimOptions } from "./sim-options.js";
import type { ExchangeServers } from "./simulated-exchange.js";
import { SimulatedNetwork } from "./simulated-network.js";
import { addressOf, SimulatedNode } from "./simulated-node.js";
import { SimulatedDisk } from "./simulated-store.js";
import type { SimulatedTime } from "./simulated-time.js";
import type { Tally } from "./tally.js";
import type { ToyOptions } from "./toy-engine.js";
import { type ToyFile, ToySources } from "./toy-sources.js";
import type { Trace } from "./trace.js";

/** What the cluster tells whoever watches it. */
export interface Watcher extends Pick<ToyOptions, "onPlanned" | "onScanned"> {
  /** Wraps a life's ports, to see what passes. */
  watch(ports: DriverPorts, self: NodeId): DriverPorts;
}

export class SimulatedCluster {
  readonly seed: number;
  readonly options: SimOptions;
  readonly mutation: Mutation;
  readonly time: SimulatedTime;
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];
  readonly sources: ToySources;
  readonly tally: Tally;
  readonly trace: Trace;

  constructor(
    seed: number,
    options: SimOptions,
    mutation: Mutation,
    time: SimulatedTime,
    trace: Trace,
    tally: Tally,
    watcher: Watcher,
  ) {
    this.seed = seed;
    this.options = options;
    this.mutation = mutation;
    this.time = time;
    this.trace = trace;
    this.tally = tally;
    this.network = new SimulatedNetwork(time, seed, options, trace, tally);
    this.sources = new ToySources(this.#makeFiles());
    this.nodes = this.#makeNodes(watcher);
  }

  stream(concern: string): RandomStream {
    return new RandomStream(this.seed, concern);
  }

  get isFaulty(): boolean {
    return this.time.nowMs < this.options.faultsEndMs;
  }

  /** Starts the nodes one after the other, and some much later. */
  start(): void {
    const random = this.stream("start");
    const { lateNodes } = this.options;
    this.nodes.forEach((node, index) => {
      const isLate = index > 0 && index >= this.nodes.length - lateNodes;
      if (isLate) this.tally.add("lateNodes");
      this.time.schedule(isLate ? random.between(3000, 6000) : index * 20, () => node.start());
    });
  }

  /** Ends what goes on all the time; what was planned to last longer lasts. */
  endFaults(): void {
    this.trace.event("end of faults");
    const { slowTailMs, duplication, reordering } = this.network.options;
    this.network.options = { loss: 0, slowTailMs, duplication, reordering };
    for (const node of this.nodes) {
      if (node.process.isFrozen) node.process.thaw();
      node.start();
      this.tally.add("tornWrites", node.disk.tornWrites);
      this.tally.add("fsyncMs", node.disk.slowSyncs);
    }
  }

  /** Nodes that are there in the end. */
  get remaining(): readonly SimulatedNode[] {
    return this.nodes.filter((node) => !node.isGone);
  }

  /** Whether some file can be read on this node alone. */
  holdsPrivateFiles(node: SimulatedNode): boolean {
    return this.sources.files.some((file) => file.node === node.id);
  }

  /** Disks on which a whole record of the job survives a crash. */
  copiesOf(id: JobId): number {
    return this.remaining.filter((node) => node.disk.recordOf(id) !== undefined).length;
  }

  viewsAgree(): boolean {
    const there = this.remaining;
    return there.every((node) => {
      const members = node.driver?.view().members ?? [];
      const alive = members.filter((member) => member.state === "alive").map((member) => member.id);
      return alive.length === there.length && there.every(({ id }) => alive.includes(id));
    });
  }

  describeViews(): string {
    const viewOf = (node: SimulatedNode): string =>
      (node.driver?.view().members ?? [])
        .map((member) => `${member.id}=${member.state}@${member.incarnation}`)
        .join(" ");
    return this.nodes.map((node) => `${node.id}: ${viewOf(node)}`).join("; ");
  }

  get protocol(): Protocol {
    const retentionMs = this.options.retentionMs || PROTOCOL_SETTINGS.retentionMs.default;
    const { inlineBytes, maxFileLeaves } = this.options;
    const partBytes = 100 + 10 * maxFileLeaves;
    const small = inlineBytes === 0 ? {} : { inlineBytes, partBytes, lentBytes: 2000 };
    return protocolWith({ retentionMs, ...small, ...this.mutation.protocol });
  }

  #makeFiles(): readonly ToyFile[] {
    const random = this.stream("files");
    const { nodes, files, gone, hasPrivateFiles, maxFileLeaves, otherVersions } = this.options;
    // Whoever goes for good is mostly the last node, and its files are what the others then lack.
    const holder = (): number => (gone > 0 && random.chance(0.5) ? nodes - 1 : random.integer(0, nodes - 1));
    return Array.from({ length: files }, (_, index) => ({
      source: "web",
      path: `access-${index}.log`,
      // What a node of one version holds alone the jobs of the other one cannot read.
      node: random.chance(0.5) && hasPrivateFiles && otherVersions === 0 ? nodeId(`n${holder()}`) : null,
      sizeBytes: random.integer(1, maxFileLeaves) * LEAF_BYTES - random.integer(0, 1000),
    }));
  }

  #makeNodes(watcher: Watcher): readonly SimulatedNode[] {
    const servers: ExchangeServers = new Map();
    const random = this.stream("nodes");
    const work = this.stream("work");
    const spanLevel = random.pick([
      { kind: "range", level: 0 },
      { kind: "range", level: 1 },
      { kind: "files", level: 1 },
    ] as const);
    const leafMs = random.pick([1, 20, 200]);
    const { sources, protocol } = this;
    const toy = {
      files: sources.files,
      sources,
      spanLevel,
      taskMs: (leaves: number) => work.between(0.5, 1.5) * leafMs * leaves,
      ...(watcher.onPlanned && { onPlanned: watcher.onPlanned }),
      ...(watcher.onScanned && { onScanned: watcher.onScanned }),
    };
    const { decorate } = this.mutation;
    return Array.from({ length: this.options.nodes }, (_, index) => {
      const id = nodeId(`n${index}`);
      const ports = (made: DriverPorts): DriverPorts => watcher.watch(decorate?.(made, id) ?? made, id);
      return new SimulatedNode({
        id,
        ...this.#machine(index),
        seeds: index === 0 ? [] : [addressOf(nodeId(`n${random.integer(0, index - 1)}`))],
        time: this.time,
        network: this.network,
        servers,
        protocol,
        toy,
        threads: random.integer(1, 4),
        incarnationOf: this.mutation.incarnationOf ?? ((life) => life * INCARNATIONS_PER_LIFE),
        decorate: ports,
      });
    });
  }

  /** What each node has of its own: a disk, clocks, a version. */
  #machine(index: number) {
    const { skewMs, fsyncMs, tornWrites, otherVersions } = this.options;
    const skew = this.stream(`skew ${index}`).between(-1, 1) * skewMs;
    if (skewMs > 0) this.tally.add("skewMs");
    const isOther = index < otherVersions;
    if (isOther) this.tally.add("otherVersions");
    const semantics = isOther ? SEMANTICS_VERSION + 1 : SEMANTICS_VERSION;
    return {
      random: this.stream(`node ${index}`),
      lateness: this.stream(`lateness ${index}`),
      skewMs: skew,
      disk: new SimulatedDisk(this.time, this.stream(`disk ${index}`), { fsyncMs, tornWrites, ...this.mutation.disk }),
      semantics,
      ...(this.mutation.saysAnyVersion === true && { saidSemantics: SEMANTICS_VERSION }),
    };
  }
}
