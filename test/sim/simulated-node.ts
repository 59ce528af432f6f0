/** One node of the simulated cluster: production driver and cores over simulated ports, through all its lives. */

import type { NodeId } from "../../src/base/ids.js";
import { decodeRemembered, REMEMBERED_MEMBERS } from "../../src/cluster/membership/remembered.js";
import type { Protocol } from "../../src/cluster/protocol.js";
import { SEMANTICS_VERSION } from "../../src/job/manifest.js";
import type { DriverPorts } from "../../src/node/driver/driver-config.js";
import { NodeDriver } from "../../src/node/driver/node-driver.js";
import type { RandomStream } from "./random-stream.js";
import { type ExchangeServers, SimulatedExchange } from "./simulated-exchange.js";
import type { SimulatedNetwork } from "./simulated-network.js";
import { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedDisk } from "./simulated-store.js";
import type { SimulatedTime } from "./simulated-time.js";
import { ToyCatalog, ToyMapPool, type ToyOptions, ToyPlanner } from "./toy-engine.js";

export interface NodeSetup {
  readonly id: NodeId;
  readonly seeds: readonly string[];
  readonly time: SimulatedTime;
  readonly network: SimulatedNetwork;
  readonly disk: SimulatedDisk;
  readonly servers: ExchangeServers;
  readonly random: RandomStream;
  readonly protocol: Protocol;
  readonly toy: Pick<ToyOptions, "files" | "spanLevel" | "taskMs">;
  readonly threads: number;
  /** Wraps the ports of a life, such as to write down what passes. */
  readonly decorate?: (ports: DriverPorts) => DriverPorts;
}

export const addressOf = (id: NodeId): string => `${id}:7400`;

export class SimulatedNode {
  readonly id: NodeId;
  readonly process: SimulatedProcess;
  readonly catalog: ToyCatalog;
  driver: NodeDriver | undefined;
  /** How often it was started: its incarnation, as a node's data directory would count it. */
  lives = 0;
  /** It crashed and is never started again. */
  isGone = false;
  readonly #setup: NodeSetup;

  constructor(setup: NodeSetup) {
    this.id = setup.id;
    this.#setup = setup;
    // Wall clocks are off by up to a day: nothing but display and now() may depend on them.
    this.process = new SimulatedProcess(setup.time, 1.7e12 + setup.random.between(-1, 1) * 86_400_000);
    this.catalog = new ToyCatalog(this.#toyOptions());
    setup.network.addHost(setup.id, addressOf(setup.id), this.process);
  }

  start(): void {
    if (this.process.isUp || this.isGone) return;
    const { id, seeds, time, network, disk, servers, random, protocol, threads } = this.#setup;
    this.process.start();
    this.lives += 1;
    const toy = this.#toyOptions();
    const ports: DriverPorts = {
      clock: toy.clock,
      random,
      peerNetwork: network.peerNetwork(id),
      exchange: new SimulatedExchange(id, time, network, this.process, servers),
      store: disk.open(this.process),
      mapPool: new ToyMapPool(toy),
      catalog: this.catalog,
      planner: new ToyPlanner(toy),
    };
    this.driver = new NodeDriver(this.#setup.decorate?.(ports) ?? ports, {
      self: {
        id,
        name: id,
        incarnation: this.lives,
        listen: addressOf(id),
        grpc: `${id}:7401`,
        http: `${id}:7402`,
        threads,
        zone: "",
        sources: [{ name: "web", shared: true }],
        protocolVersion: 1,
        semanticsVersion: SEMANTICS_VERSION,
      },
      seeds,
      protocol,
      scanSlots: 2,
      isDurable: true,
    });
    this.driver.start();
  }

  get seeds(): readonly string[] {
    return this.#setup.seeds;
  }

  get disk(): SimulatedDisk {
    return this.#setup.disk;
  }

  /** Whether its next life would know the other, even after a crash now. */
  remembers(other: NodeId): boolean {
    const bytes = this.disk.stateOf(REMEMBERED_MEMBERS);
    return bytes !== undefined && decodeRemembered(bytes).some((member) => member.id === other);
  }

  crash(): void {
    if (!this.process.isUp) return;
    this.process.crash();
    this.driver = undefined;
    this.#setup.servers.delete(this.id);
    this.#setup.disk.crash();
    this.#setup.network.crashed(this.id);
  }

  #toyOptions(): ToyOptions {
    return { ...this.#setup.toy, clock: this.process.clock(), self: this.id };
  }
}
