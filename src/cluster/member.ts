/** What a cluster knows of each of its nodes. */

import type { NodeId } from "../base/ids.js";

/** Of the messages between nodes: raise it when an older node would not understand them. */
export const PROTOCOL_VERSION = 2;

/** Incarnations that one life of a node may use before it would meet those of its next one. */
export const INCARNATIONS_PER_LIFE = 1_000_000;

/** Which life of its node an incarnation is of: what the node says anew of itself meanwhile ends none. */
export const lifeOf = (incarnation: number): number => Math.floor(incarnation / INCARNATIONS_PER_LIFE);

export type MemberState = "alive" | "suspect" | "dead" | "left";

/** A directory of logs that a node offers under a name; `shared` when every node that offers the name has the same files. */
export interface SourceOffer {
  readonly name: string;
  readonly shared: boolean;
}

/** A node's own statement about itself; a higher incarnation replaces a lower one. */
export interface NodeDescription {
  readonly id: NodeId;
  readonly name: string;
  /** Grows with every start of the node, and by one with every refutation; survives restarts. */
  readonly incarnation: number;
  /** `HOST:PORT` of its libp2p, gRPC and HTTP listeners. */
  readonly listen: string;
  readonly grpc: string;
  readonly http: string;
  /** Scanning threads: its weight on the ring. */
  readonly threads: number;
  readonly zone: string;
  readonly sources: readonly SourceOffer[];
  readonly protocolVersion: number;
  readonly semanticsVersion: number;
  /** It has noticed that it is slow: it is given work only where nobody else can do it. Absent when it is well. */
  readonly demoted?: boolean;
}

export interface Member extends NodeDescription {
  readonly state: MemberState;
}

/** The cluster as one node sees it: everyone it remembers, itself included, sorted by id. */
export interface View {
  readonly self: NodeId;
  readonly members: readonly Member[];
}
