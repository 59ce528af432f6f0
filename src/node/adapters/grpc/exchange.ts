/**
 * Data between nodes over gRPC (proto/logmr/v1/exchange.proto). The client half keeps one channel for each address it
 * talks to; the server half is registered with the node's gRPC server. What a peer may send is capped before it is kept.
 */

import { credentials, status } from "@grpc/grpc-js";
import type { JobId } from "../../../base/ids.js";
import type { Member } from "../../../cluster/member.js";
import { ExchangeClient, type ExchangeServer } from "../../../generated/logmr/v1/exchange.js";
import type { Cancel } from "../../ports/clock.js";
import type { Exchange, ExchangeHandlers, PullEvents, PullRequest } from "../../ports/exchange.js";
import type { FileDescription, FileQuestion } from "../../ports/source-catalog.js";
import { CHANNEL_OPTIONS } from "./channel.js";
import { exchangeServer } from "./exchange-server.js";
import { DescriptionJoiner } from "./file-descriptions.js";
import { FrameJoiner, framesOf, MAX_RECORD_BYTES, writeAll } from "./frames.js";
import { startPull } from "./pull-client.js";
import { readStream } from "./read-stream.js";
import { SharedPulls } from "./shared-pulls.js";

/** After it a call that has no outcome is given up; its caller asked elsewhere long before. */
const CALL_TIMEOUT_MS = 60_000;

interface PeerChannel {
  readonly client: ExchangeClient;
  readonly slices: SharedPulls;
}

export class GrpcExchange implements Exchange {
  readonly #channels = new Map<string, PeerChannel>();
  #handlers: ExchangeHandlers | undefined;

  /** For the node's gRPC server. Calls are refused as UNAVAILABLE until {@link start}. */
  readonly server: ExchangeServer = exchangeServer(() => this.#handlers);

  start(handlers: ExchangeHandlers): void {
    this.#handlers = handlers;
  }

  pull(from: Member, request: PullRequest, events: PullEvents): Cancel {
    const { client, slices } = this.#channel(from);
    return request.want?.kind === "slice" ? slices.start(request, events) : startPull(client, request, events);
  }

  replicate(to: Member, record: Uint8Array, done: (durable: boolean | "declined" | "unreachable") => void): void {
    let open = true;
    const call = this.#channel(to).client.replicate(withTimeout(), (error, response) => {
      open = false;
      if (error !== null) done("unreachable");
      else done(response.declined ? "declined" : response.durable);
    });
    writeAll(
      call,
      framesOf(record),
      (data) => ({ data }),
      () => open,
      () => call.end(),
    );
  }

  fetchRecord(from: Member, jobId: JobId, done: (record: Uint8Array | "unreachable" | undefined) => void): void {
    const joiner = new FrameJoiner(MAX_RECORD_BYTES);
    const call = this.#channel(from).client.fetchRecord({ jobId }, withTimeout());
    readStream(
      call,
      ({ data }) => {
        if (!joiner.push(data)) call.cancel();
      },
      (error) => {
        if (error === null) done(joiner.join());
        else done(error.code === status.NOT_FOUND ? undefined : "unreachable");
      },
    );
  }

  describe(
    from: Member,
    { source, glob, detail }: FileQuestion,
    done: (files: readonly FileDescription[] | "unreachable") => void,
  ): void {
    const joiner = new DescriptionJoiner();
    const call = this.#channel(from).client.describe({ source, glob, namesOnly: detail === "names" }, withTimeout());
    readStream(
      call,
      ({ file }) => {
        if (!joiner.push(file)) call.cancel();
      },
      (error) => done(error === null ? joiner.files : "unreachable"),
    );
  }

  /** Closes the channels; calls that are open end as unreachable. */
  close(): void {
    this.#handlers = undefined;
    for (const { client } of this.#channels.values()) client.close();
    this.#channels.clear();
  }

  #channel(member: Member): PeerChannel {
    const known = this.#channels.get(member.grpc);
    if (known !== undefined) return known;
    const client = new ExchangeClient(member.grpc, credentials.createInsecure(), CHANNEL_OPTIONS);
    const channel = { client, slices: new SharedPulls(client) };
    this.#channels.set(member.grpc, channel);
    return channel;
  }
}

const withTimeout = () => ({ deadline: Date.now() + CALL_TIMEOUT_MS });
