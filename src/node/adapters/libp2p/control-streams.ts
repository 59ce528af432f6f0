/**
 * The direct protocol between two connected nodes: each side opens one long-lived stream for what it sends. A stream that
 * breaks is opened again by the next message; what was queued on it is lost, which the port allows.
 */

import type { Connection, Stream } from "@libp2p/interface";
import { encodeFrame } from "./framing.js";

export const CONTROL_PROTOCOL = "/logmr/1/control";

/** Messages that wait for a stream to open or to drain; more are dropped, for old news is worth little. */
const MAX_QUEUED_MESSAGES = 256;

/** Longer than any silence: the control protocol has its own pings, and a quiet stream is not a broken one. */
const INACTIVITY_TIMEOUT_MS = 2 ** 31 - 1;

interface Outbound {
  stream: Stream | null;
  readonly queue: Uint8Array[];
}

export class ControlStreams {
  readonly #connectionTo: (peer: string) => Connection | undefined;
  readonly #outbound = new Map<string, Outbound>();

  /** `connectionTo` gives an open connection to a peer, if there is one. */
  constructor(connectionTo: (peer: string) => Connection | undefined) {
    this.#connectionTo = connectionTo;
  }

  send(peer: string, message: Uint8Array): void {
    const frame = encodeFrame(message);
    const known = this.#outbound.get(peer);
    if (known !== undefined) {
      if (known.queue.length < MAX_QUEUED_MESSAGES) known.queue.push(frame);
      this.#flush(peer, known);
      return;
    }
    const connection = this.#connectionTo(peer);
    if (connection === undefined) return;
    const outbound: Outbound = { stream: null, queue: [frame] };
    this.#outbound.set(peer, outbound);
    this.#open(peer, connection, outbound).catch(() => this.#forget(peer, outbound));
  }

  /** Drops the stream of a peer that is gone. */
  close(peer: string): void {
    const outbound = this.#outbound.get(peer);
    if (outbound === undefined) return;
    this.#outbound.delete(peer);
    outbound.stream?.abort(new Error("the peer is gone"));
  }

  async #open(peer: string, connection: Connection, outbound: Outbound): Promise<void> {
    const stream = await connection.newStream(CONTROL_PROTOCOL);
    stream.inactivityTimeout = INACTIVITY_TIMEOUT_MS;
    if (this.#outbound.get(peer) !== outbound) {
      stream.abort(new Error("the peer is gone"));
      return;
    }
    outbound.stream = stream;
    stream.addEventListener("close", () => this.#forget(peer, outbound));
    stream.addEventListener("drain", () => this.#flush(peer, outbound));
    this.#flush(peer, outbound);
  }

  #flush(peer: string, outbound: Outbound): void {
    const { stream, queue } = outbound;
    if (stream === null) return;
    try {
      while (!stream.writableNeedsDrain) {
        const frame = queue.shift();
        if (frame === undefined) return;
        stream.send(frame);
      }
    } catch {
      this.#forget(peer, outbound);
    }
  }

  #forget(peer: string, outbound: Outbound): void {
    if (this.#outbound.get(peer) === outbound) this.#outbound.delete(peer);
  }
}
