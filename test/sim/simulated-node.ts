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
  /** How far its wall clock is off. */
  readonly skewMs: number;
  readonly lateness: RandomStream;
  readonly protocol: Protocol;
  readonly toy: Omit<ToyOptions, "clock" | "self" | "semantics">;
  readonly threads: number;
  /** What the node can compute. */
  readonly semantics?: number;
  /** What it says that it can. */
  readonly saidSemantics?: number;
  /** The incarnation that a life begins with. */
  readonly incarnationOf: (life: number) => number;
  /** Wraps the ports of a life, such as to watch what passes. */
  readonly decorate?: (ports: DriverPorts, self: NodeId) => DriverPorts;
}

export const addressOf = (id: NodeId): string => `${id}:7400`;

export class SimulatedNode {
  readonly id: NodeId;
  readonly process: SimulatedProcess;
  driver: NodeDriver | undefined;
  /** How often it was started. */
  lives = 0;
  /** It crashed and is never started again. */
  isGone = false;
  isSlowForEver = false;
  readonly #setup: NodeSetup;
  #exchange: SimulatedExchange | undefined;

  constructor(setup: NodeSetup) {
    this.id = setup.id;
    this.#setup = setup;
    this.process = new SimulatedProcess(setup.time, 1.7e12 + setup.skewMs, setup.lateness);
    setup.network.addHost(setup.id, addressOf(setup.id), this.process);
  }

  get isUp(): boolean {
    return this.process.isUp;
  }

  /** Whether a client that calls it now would reach it. */
  get isReachable(): boolean {
    return this.process.isUp && !this.process.isFrozen;
  }

  get seeds(): readonly string[] {
    return this.#setup.seeds;
  }

  get disk(): SimulatedDisk {
    return this.#setup.disk;
  }

  get openPulls(): number {
    return this.#exchange?.openPulls ?? 0;
  }

  get semantics(): number {
    return this.#setup.semantics ?? SEMANTICS_VERSION;
  }

  start(): void {
    if (this.process.isUp || this.isGone) return;
    const { id, seeds, network, disk, random, protocol, threads, incarnationOf } = this.#setup;
    this.process.start();
    this.lives += 1;
    const toy = this.#toyOptions();
    this.#exchange = new SimulatedExchange(id, this.#setup.time, network, this.process, this.#setup.servers);
    const ports: DriverPorts = {
      clock: toy.clock,
      random,
      peerNetwork: network.peerNetwork(id),
      exchange: this.#exchange,
      store: disk.open(this.process),
      mapPool: new ToyMapPool(toy),
      catalog: new ToyCatalog(toy),
      planner: new ToyPlanner(toy),
    };
    this.driver = new NodeDriver(this.#setup.decorate?.(ports, id) ?? ports, {
      self: {
        id,
        name: id,
        incarnation: incarnationOf(this.lives),
        listen: addressOf(id),
        grpc: `${id}:7401`,
        http: `${id}:7402`,
        threads,
        zone: "",
        sources: [{ name: "web", shared: true }],
        protocolVersion: 1,
        semanticsVersion: this.#setup.saidSemantics ?? this.semantics,
      },
      seeds,
      protocol,
      scanSlots: 2,
      isDurable: true,
    });
    this.driver.start();
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
    this.#exchange = undefined;
    this.#setup.servers.delete(this.id);
    this.#setup.disk.crash();
    this.#setup.network.crashed(this.id);
  }

  /** Says farewell as SIGTERM makes it, then ends. */
  leave(): void {
    const { driver } = this;
    driver?.stop(() => {
      if (this.driver === driver) this.crash();
    });
  }

  #toyOptions(): ToyOptions {
    const { toy, id } = this.#setup;
    const slowness = (): number => this.process.slowness;
    return { ...toy, slowness, clock: this.process.clock(), self: id, semantics: this.semantics };
  }
}
