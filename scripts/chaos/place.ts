/** Where the nodes of a chaos run live: each in a network namespace of its own, or all on loopback. */

/** The network between the nodes, where it can be had. Nodes are numbered as in the arena. */
export interface Links {
  /** From now on, packets from one node to another vanish, those of open connections too. */
  cut(from: number, to: number): Promise<void>;
  restore(from: number, to: number): Promise<void>;
  /** Limits what the node sends and what it receives. */
  slow(node: number, bitsPerSecond: number): Promise<void>;
  unslow(node: number): Promise<void>;
}

export interface NodeAddresses {
  readonly listen: string;
  readonly grpc: string;
  readonly http: string;
}

export interface Place {
  readonly name: "namespaces" | "loopback";
  /** Undefined where packets cannot be kept from anyone. */
  readonly links: Links | undefined;
  readonly addressesOf: (node: number) => NodeAddresses;
  /** Runs in the node's place what follows it: a command and its first arguments. */
  readonly commandOf: (node: number) => readonly string[];
  /** An empty data directory on a disk of its own, which is small; false where there is only the common disk. */
  mountDisk(directory: string, bytes: number): Promise<boolean>;
  unmountDisk(directory: string): Promise<void>;
}

/** The fault kinds need different things of the place. */
export type Facility = "processes" | "links" | "disks";
