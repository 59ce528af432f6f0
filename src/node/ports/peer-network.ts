/**
 * Control traffic between nodes: small messages, best effort. Everything may be lost, delayed or repeated; whoever needs
 * certainty asks again. libp2p in production.
 */

import type { NodeId } from "../../base/ids.js";

export interface PeerNetworkHandlers {
  /**
   * `address`: the argument of the {@link PeerNetwork.dial} that led here, where the adapter can tell. A peer may be
   * reported first without and then with it.
   */
  onConnected(peer: NodeId, address?: string): void;
  onDisconnected(peer: NodeId): void;
  /** The address of a {@link PeerNetwork.dial} that ended without a connection. */
  onDialFailed(address: string, reason: string): void;
  onMessage(from: NodeId, message: Uint8Array): void;
  /** A published message of another node. `from` is the signer, not the relay. */
  onGossip(from: NodeId, message: Uint8Array): void;
}

export interface PeerNetwork {
  readonly self: NodeId;
  start(handlers: PeerNetworkHandlers): void;
  /** Connects to whoever listens at `HOST:PORT`; a name with several addresses is tried at each of them. */
  dial(address: string): void;
  /** To a connected peer; dropped silently if it is not connected. */
  send(to: NodeId, message: Uint8Array): void;
  /** To every node of the cluster, through gossip. */
  publish(message: Uint8Array): void;
}
