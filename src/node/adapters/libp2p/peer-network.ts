/**
 * Control traffic over libp2p: TCP, noise, yamux; one gossip topic that every node subscribes to, and one direct protocol
 * (`control-streams.ts`). Finding peers, keeping up with them and redialling is the membership core's work, not libp2p's:
 * discovery, peer exchange and keep-alive tags stay off.
 */

import "./with-resolvers.js";
import { type GossipSub, gossipsub, StrictSign } from "@chainsafe/libp2p-gossipsub";
import { identify } from "@libp2p/identify";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import { formatHostPort, parseHostPort } from "../../../base/host-port.js";
import { type NodeId, nodeId } from "../../../base/ids.js";
import type { PeerNetwork, PeerNetworkHandlers } from "../../ports/peer-network.js";
import { resolveMultiaddrs } from "./addresses.js";
import { yamuxOnClosingLinks } from "./closing-links.js";
import { CONTROL_PROTOCOL, ControlStreams } from "./control-streams.js";
import { FrameDecoder } from "./framing.js";
import type { Identity } from "./identity.js";
import { noiseInWholeWrites } from "./whole-writes.js";

const TOPIC = "/logmr/1/gossip";

/** Gossip carries hints; data goes by the exchange. */
const MAX_GOSSIP_BYTES = 64 * 1024;

const DIAL_TIMEOUT_MS = 5_000;

/** Above libp2p's 32 and 64, which a burst of reconnections exhausts. */
const MAX_STREAMS = 256;

/** A join storm comes from few addresses; libp2p's default drops all but 5 connections a second of each. */
const INBOUND_CONNECTIONS_PER_SECOND = 1_000;

/**
 * Members that pass a message on, besides the publisher, who sends it to all that it is connected with: gossipsub's own 6
 * to 12 give each node every message as often, and what is lost on the way is told again within seconds.
 */
const MESH = { D: 2, Dlo: 1, Dhi: 3, Dout: 0, Dscore: 1, Dlazy: 2 } as const;

/** SWIM finds the dead; this only closes connections that lead nowhere. Each ping opens a stream of its own. */
const CONNECTION_PING_MS = 30_000;

type Node = Libp2p<{ identify: unknown; ping: unknown; gossip: GossipSub }>;

export interface Libp2pPeerNetwork extends PeerNetwork {
  /** Where it listens, with the port that it got. */
  readonly listen: string;
  /** Closes every connection; afterwards nothing is delivered any more. */
  stop(): Promise<void>;
}

/** Opens the listener at `listen` (`HOST:PORT`, port 0 picks one). Throws when the address cannot be listened on. */
export async function openPeerNetwork(identity: Identity, listen: string): Promise<Libp2pPeerNetwork> {
  const addresses = (await resolveMultiaddrs(listen)).slice(0, 1).map((address) => address.toString());
  const node = await createLibp2p({
    privateKey: identity.privateKey,
    addresses: { listen: addresses },
    transports: [tcp()],
    connectionEncrypters: [noiseInWholeWrites()],
    streamMuxers: [yamuxOnClosingLinks()],
    connectionManager: {
      dialTimeout: DIAL_TIMEOUT_MS,
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: 100,
      reconnectRetries: 0,
    },
    connectionMonitor: { pingInterval: CONNECTION_PING_MS },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: gossipsub({
        allowPublishToZeroTopicPeers: true,
        globalSignaturePolicy: StrictSign,
        doPX: false,
        emitSelf: false,
        heartbeatInterval: 1_000,
        ...MESH,
        maxInboundDataLength: MAX_GOSSIP_BYTES,
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
      }),
    },
  });
  return new PeerNetworkOverLibp2p(identity.id, node, listenAddressOf(node, listen));
}

function listenAddressOf(node: Node, listen: string): string {
  const port = node
    .getMultiaddrs()
    .map((address) => /\/tcp\/(\d+)/.exec(address.toString())?.[1])
    .find((found) => found !== undefined);
  const asked = parseHostPort(listen);
  return formatHostPort({ host: asked.host, port: port === undefined ? asked.port : Number(port) });
}

class PeerNetworkOverLibp2p implements Libp2pPeerNetwork {
  readonly self: NodeId;
  readonly listen: string;
  readonly #node: Node;
  readonly #streams: ControlStreams;
  #handlers: PeerNetworkHandlers | undefined;
  #stopped = false;

  constructor(self: NodeId, node: Node, listen: string) {
    this.self = self;
    this.listen = listen;
    this.#node = node;
    this.#streams = new ControlStreams((peer) => this.#openConnection(peer));
  }

  start(handlers: PeerNetworkHandlers): void {
    this.#handlers = handlers;
    const node = this.#node;
    const gossip = node.services.gossip;
    gossip.subscribe(TOPIC);
    gossip.addEventListener("message", ({ detail }) => {
      if (detail.type !== "signed" || detail.topic !== TOPIC || this.#stopped) return;
      handlers.onGossip(nodeId(detail.from.toString()), detail.data);
    });
    const receive = (stream: Stream, connection: Connection) => this.#receive(stream, connection);
    const options = { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS };
    node.handle(CONTROL_PROTOCOL, receive, options).catch(() => undefined);
    node.addEventListener("peer:connect", ({ detail }) => {
      if (!this.#stopped) handlers.onConnected(nodeId(detail.toString()));
    });
    node.addEventListener("peer:disconnect", ({ detail }) => {
      this.#streams.close(detail.toString());
      if (!this.#stopped) handlers.onDisconnected(nodeId(detail.toString()));
    });
    for (const peer of node.getPeers()) handlers.onConnected(nodeId(peer.toString()));
  }

  dial(address: string): void {
    this.#dialAll(address).catch((error: unknown) => {
      if (!this.#stopped) this.#handlers?.onDialFailed(address, error instanceof Error ? error.message : String(error));
    });
  }

  send(to: NodeId, message: Uint8Array): void {
    if (!this.#stopped) this.#streams.send(to, message);
  }

  publish(message: Uint8Array): void {
    if (this.#stopped || message.length > MAX_GOSSIP_BYTES) return;
    this.#node.services.gossip.publish(TOPIC, message).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#node.stop();
  }

  /** Dials every address of the name at once; throws when none of them answers. */
  async #dialAll(address: string): Promise<void> {
    const targets = await resolveMultiaddrs(address);
    const known = new Map(this.#node.getConnections().map((connection) => [bareAddress(connection), connection]));
    const attempts = targets.map(async (target) => {
      const connection =
        known.get(target.toString()) ??
        (await this.#node.dial(target, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) }));
      // Whoever answered may have been connected before, from its side: say now that the address leads there.
      if (!this.#stopped && connection.status === "open") {
        this.#handlers?.onConnected(nodeId(connection.remotePeer.toString()), address);
      }
    });
    try {
      await Promise.any(attempts);
    } catch (error) {
      throw error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
    }
  }

  #openConnection(peer: string): Connection | undefined {
    return this.#node
      .getConnections()
      .find((connection) => connection.remotePeer.toString() === peer && connection.status === "open");
  }

  #receive(stream: Stream, connection: Connection): void {
    const from = nodeId(connection.remotePeer.toString());
    const decoder = new FrameDecoder();
    stream.inactivityTimeout = 2 ** 31 - 1;
    stream.addEventListener("message", ({ data }) => {
      if (this.#stopped) return;
      try {
        for (const message of decoder.push(data.subarray())) this.#handlers?.onMessage(from, message);
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)));
      }
    });
    // The sender closes its end when it goes; ours was never used.
    stream.addEventListener("remoteCloseWrite", () => {
      stream.close().catch(() => undefined);
    });
  }
}

/** The remote end without its peer id. */
const bareAddress = (connection: Connection): string => connection.remoteAddr.toString().replace(/\/p2p\/.*$/, "");
