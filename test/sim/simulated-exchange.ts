/** The exchange over the simulated network: each call is messages, so each can be lost. */

import type { NodeId } from "../../src/base/ids.js";
import type { Cancel } from "../../src/node/ports/clock.js";
import type { Exchange, ExchangeHandlers, PullEvents, PullRequest } from "../../src/node/ports/exchange.js";
import type { SimulatedNetwork } from "./simulated-network.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedTime } from "./simulated-time.js";

const REFUSED_MS = 1;
/** Keepalive of production's transport: so long after it has lost its puller a server knows, whatever became of the news. */
const KEEPALIVE_MS = 15_000;

/** All nodes' handlers, as the network finds them. */
export type ExchangeServers = Map<NodeId, ExchangeHandlers>;

export class SimulatedExchange implements Exchange {
  readonly #self: NodeId;
  readonly #time: SimulatedTime;
  readonly #network: SimulatedNetwork;
  readonly #process: SimulatedProcess;
  readonly #servers: ExchangeServers;
  /** Pulls of this life that have neither ended nor been given up. */
  openPulls = 0;

  constructor(
    self: NodeId,
    time: SimulatedTime,
    network: SimulatedNetwork,
    process: SimulatedProcess,
    servers: ExchangeServers,
  ) {
    this.#self = self;
    this.#time = time;
    this.#network = network;
    this.#process = process;
    this.#servers = servers;
  }

  start(handlers: ExchangeHandlers): void {
    this.#servers.set(this.#self, handlers);
  }

  pull(from: { readonly id: NodeId }, request: PullRequest, events: PullEvents): Cancel {
    let isOver = false;
    let stop: Cancel = () => undefined;
    this.openPulls += 1;
    const close = (): void => {
      isOver = true;
      this.openPulls -= 1;
    };
    const isPulling = this.#process.life();
    let lostSinceMs: number | undefined;
    const isLost = (): boolean => {
      if (isPulling() && !isOver) return false;
      lostSinceMs ??= this.#time.nowMs;
      return this.#time.nowMs - lostSinceMs >= KEEPALIVE_MS;
    };
    // Made now: an answer to a life that is over must not reach the next one's place.
    const receive = this.#process.guard((deliver: () => void) => {
      if (!isOver) deliver();
    });
    const answer = (deliver: () => void): void => {
      this.#network.transmit(from.id, this.#self, () => receive(deliver));
    };
    const end = (deliver: () => void): void =>
      answer(() => {
        close();
        deliver();
      });
    let isServed = false;
    let isWithdrawn = false;
    this.#call(
      from.id,
      (server) => {
        if (isServed || isWithdrawn) return;
        isServed = true;
        // The life that serves, and no later one, hears that the puller has gone.
        const withdraw = server.onPull(request, {
          progress: (progress) => {
            if (isLost()) this.#time.schedule(0, () => stop());
            else answer(() => events.onProgress(progress));
          },
          partial: (partial, origin) => end(() => events.onPartial(partial, origin)),
          places: (finished, isFound) => end(() => events.onPlaces?.(finished, isFound)),
          fail: (failure, detail) => end(() => events.onFailure(failure, detail)),
        });
        stop = this.#network.guard(from.id, withdraw);
      },
      () => {
        if (isOver) return;
        close();
        events.onFailure("unreachable", `${from.id} refused the connection`);
      },
    );
    return () => {
      if (isOver) return;
      close();
      this.#network.transmit(this.#self, from.id, () => {
        isWithdrawn = true;
        stop();
      });
    };
  }

  replicate(to: { readonly id: NodeId }, record: Uint8Array, done: Parameters<Exchange["replicate"]>[2]): void {
    const finish = this.#once(done);
    this.#call(
      to.id,
      (server) =>
        server.onReplicate(record, (durable) => this.#network.transmit(to.id, this.#self, () => finish(durable))),
      () => finish("unreachable"),
    );
  }

  fetchRecord(
    from: { readonly id: NodeId },
    jobId: Parameters<Exchange["fetchRecord"]>[1],
    done: Parameters<Exchange["fetchRecord"]>[2],
  ): void {
    const finish = this.#once(done);
    this.#call(
      from.id,
      (server) =>
        server.onFetchRecord(jobId, (record) => this.#network.transmit(from.id, this.#self, () => finish(record))),
      () => finish("unreachable"),
    );
  }

  describe(_from: unknown, _question: unknown, done: Parameters<Exchange["describe"]>[2]): void {
    done("unreachable");
  }

  /** A reachable host without the process refuses at once; everything else is delivered, or silence. */
  #call(to: NodeId, serve: (server: ExchangeHandlers) => void, onRefused: () => void): void {
    if (this.#network.isReachable(this.#self, to) && !this.#network.isUp(to)) {
      this.#time.schedule(REFUSED_MS, this.#process.guard(onRefused));
      return;
    }
    this.#network.transmit(this.#self, to, () => {
      const server = this.#servers.get(to);
      if (server !== undefined) serve(server);
    });
  }

  #once<Outcome>(done: (outcome: Outcome) => void): (outcome: Outcome) => void {
    let isOver = false;
    return this.#process.guard((outcome: Outcome) => {
      if (isOver) return;
      isOver = true;
      done(outcome);
    });
  }
}
