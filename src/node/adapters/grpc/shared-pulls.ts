/**
 * Pulls of one node that share a call. A call costs either side about what it takes to send a megabyte, which is more than
 * most slices have. The call lasts as long as there is something to wait for.
 */

import type { ClientDuplexStream } from "@grpc/grpc-js";
import {
  type ExchangeClient,
  ExchangeService,
  type PullManyRequest,
  type PullManyResponse,
} from "../../../generated/logmr/v1/exchange.js";
import type { Cancel } from "../../ports/clock.js";
import type { PullEvents, PullRequest } from "../../ports/exchange.js";
import { Pull, pullToWire } from "./pull-client.js";
import { pullManyResponseFromBytes } from "./pull-messages.js";
import { readStream } from "./read-stream.js";

interface SharedCall {
  readonly stream: ClientDuplexStream<PullManyRequest, PullManyResponse>;
  readonly pulls: Map<number, Pull>;
}

export class SharedPulls {
  readonly #channel: ExchangeClient;
  #call: SharedCall | undefined;
  #nextNumber = 1;

  constructor(channel: ExchangeClient) {
    this.#channel = channel;
  }

  start(request: PullRequest, events: PullEvents): Cancel {
    this.#call ??= this.#open();
    const call = this.#call;
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const pull = new Pull(events);
    call.pulls.set(number, pull);
    call.stream.write({ number, pull: pullToWire(request) });
    return () => {
      if (!call.pulls.has(number)) return;
      pull.withdraw();
      this.#leave(call, number);
    };
  }

  #open(): SharedCall {
    const { path, requestSerialize } = ExchangeService.pullMany;
    const stream = this.#channel.makeBidiStreamRequest(path, requestSerialize, pullManyResponseFromBytes);
    const call: SharedCall = { stream, pulls: new Map() };
    readStream(
      call.stream,
      ({ number, response }) => this.#take(call, number, response),
      (error) => {
        if (this.#call === call) this.#call = undefined;
        const pulls = [...call.pulls.values()];
        call.pulls.clear();
        for (const pull of pulls) pull.end(error);
      },
    );
    return call;
  }

  #take(call: SharedCall, number: number, response: PullManyResponse["response"]): void {
    const pull = call.pulls.get(number);
    if (pull === undefined || response === undefined) return;
    if (!pull.take(response)) this.#leave(call, number);
    else if (pull.isOver) this.#forget(call, number);
  }

  /** Has the other side stop. */
  #leave(call: SharedCall, number: number): void {
    call.stream.write({ number, pull: undefined });
    this.#forget(call, number);
  }

  #forget(call: SharedCall, number: number): void {
    call.pulls.delete(number);
    if (call.pulls.size > 0) return;
    if (this.#call === call) this.#call = undefined;
    call.stream.end();
  }
}
