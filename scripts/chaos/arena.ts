/** The cluster that a chaos run attacks: five nodes, one that may join them, their links, disks and logs. */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { NodeClient } from "../../src/node/adapters/grpc/node-client.js";
import { ChaosNode } from "./chaos-node.js";
import type { Inputs } from "./inputs.js";
import { PacedClock } from "./paced-clock.js";
import type { Facility, Place } from "./place.js";

export const NODE_NAMES = ["anna", "bert", "cleo", "dora", "emil"] as const;
const JOINER_NAME = "fina";

/** A node's disk where it has one of its own: some jobs' vertices, and little beside them. */
const DISK_BYTES = 96 * 1024 * 1024;
/** All nodes see each other alive so long after everything was healed, at the latest. */
export const SETTLE_MS = 60_000;

export class Arena {
  readonly nodes: readonly ChaosNode[];
  /** Starts late and leaves again; it shares the common logs and has none of its own. */
  readonly joiner: ChaosNode;
  readonly place: Place;
  readonly inputs: Inputs;
  readonly clock: PacedClock;
  readonly facilities: ReadonlySet<Facility>;
  readonly #directory: string;
  readonly #clients = new Map<string, NodeClient>();
  /** Node data directories with a disk of their own. */
  readonly #disks: string[] = [];

  /** `size` nodes of the names, and the joiner after them in the place. */
  constructor(directory: string, place: Place, inputs: Inputs, size: number) {
    this.#directory = directory;
    this.place = place;
    this.inputs = inputs;
    this.facilities = new Set(place.links === undefined ? ["processes"] : ["processes", "links", "disks"]);
    const names = [...NODE_NAMES.slice(0, size), JOINER_NAME];
    const all = names.map((name, index) => this.#nodeOf(name, index, names.length));
    this.nodes = all.slice(0, size);
    this.joiner = all[size] ?? this.#nodeOf(JOINER_NAME, size, names.length);
    this.clock = new PacedClock(() => all.flatMap(({ pid }) => pid ?? []));
  }

  /** Starts the nodes on empty disks, and waits until they know each other. */
  async open(): Promise<void> {
    this.clock.start();
    for (const { dataDir } of [...this.nodes, this.joiner]) {
      if (await this.place.mountDisk(dataDir, DISK_BYTES)) this.#disks.push(dataDir);
    }
    await Promise.all(this.nodes.map((node) => node.start()));
  }

  /** Kills every node, and removes what they wrote but their logs. */
  async close(): Promise<void> {
    this.clock.stop();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    for (const node of [...this.nodes, this.joiner]) await node.kill();
    for (const disk of this.#disks.splice(0)) await this.place.unmountDisk(disk);
    for (const { dataDir } of [...this.nodes, this.joiner]) rmSync(dataDir, { recursive: true, force: true });
  }

  /** The connection to a node is kept: it has to survive what happens to the node. */
  clientOf(node: ChaosNode): NodeClient {
    const client = this.#clients.get(node.grpc) ?? new NodeClient(node.grpc);
    this.#clients.set(node.grpc, client);
    return client;
  }

  /** Which nodes do not see all of them alive in time, with what they see. */
  async unsettled(): Promise<readonly string[]> {
    const views = await Promise.all(
      this.nodes.map(async (node) => {
        let seen = "nothing";
        const settled = await this.clock.until(async () => {
          const members = await this.clientOf(node)
            .members()
            .catch(() => []);
          seen = members.map(({ name, state }) => `${name} ${state}`).join(", ");
          const alive = members.filter(({ state }) => state === "alive").map(({ name }) => name);
          return this.nodes.every(({ name }) => alive.includes(name)) ? true : undefined;
        }, SETTLE_MS);
        return settled === true ? [] : [`${node.name} sees ${seen}`];
      }),
    );
    return views.flat();
  }

  #nodeOf(name: string, index: number, count: number): ChaosNode {
    const { addressesOf, commandOf } = this.place;
    const dataDir = join(this.#directory, "data", name);
    const logs = join(this.#directory, "log");
    mkdirSync(logs, { recursive: true });
    const seeds = [1, 2].map((step) => addressesOf((index + step) % (count - 1)).listen);
    const sources = [
      ...["--shared-logs", `web=${this.inputs.web}`, "--shared-logs", `live=${this.inputs.live}`],
      ...(name === JOINER_NAME ? [] : ["--logs", `app=${this.inputs.privateDirectory(name)}`]),
    ];
    const flags = [...seeds.flatMap((seed) => ["--join", seed]), ...sources, "--threads", "1", "--memory", "128MiB"];
    return new ChaosNode({
      index,
      name,
      dataDir,
      logPath: join(logs, `${name}.log`),
      addresses: addressesOf(index),
      command: commandOf(index),
      flags: this.place.name === "loopback" ? flags : [...flags, "--insecure"],
    });
  }
}
