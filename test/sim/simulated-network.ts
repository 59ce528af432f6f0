/**
 * A simulated network between simulated processes: heavy-tailed delay, loss, duplication, overtaking, symmetric cuts.
 * The peer network and the exchange both ride on it; an exchange message that is lost is silence.
 */

import type { NodeId } from "../../src/base/ids.js";
import type { PeerNetwork, PeerNetworkHandlers } from "../../src/node/ports/peer-network.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedTime } from "./simulated-time.js";

export interface NetworkOptions {
  readonly loss: number;
  readonly duplication: number;
  readonly slowTailMs: number;
}

interface Host {
  readonly id: NodeId;
  readonly address: string;
  readonly process: SimulatedProcess;
  handlers: PeerNetworkHandlers | undefined;
}

const DIAL_TIMEOUT_MS = 3000;
/** A connection across a cut is given up after about this long. */
const BROKEN_MS = 6000;

export class SimulatedNetwork {
  readonly #time: SimulatedTime;
  readonly #random: RandomStream;
  readonly #hosts = new Map<NodeId, Host>();
  readonly #links = new Set<string>();
  readonly #cuts = new Set<string>();
  /** Cuts that never heal. */
  readonly #grey = new Set<string>();
  options: NetworkOptions;
  trace: (event: string) => void = () => undefined;

  constructor(time: SimulatedTime, random: RandomStream, options: NetworkOptions) {
    this.#time = time;
    this.#random = random;
    this.options = options;
  }

  addHost(id: NodeId, address: string, process: SimulatedProcess): void {
    this.#hosts.set(id, { id, address, process, handlers: undefined });
  }

  isReachable(from: NodeId, to: NodeId): boolean {
    const pair = pairOf(from, to);
    return !this.#cuts.has(pair) && !this.#grey.has(pair);
  }

  isUp(id: NodeId): boolean {
    return this.#hosts.get(id)?.process.isUp ?? false;
  }

  /** Cuts one group off from the rest, both ways; connections across break after a while. */
  partition(group: readonly NodeId[]): void {
    for (const inside of group) {
      for (const outside of this.#hosts.keys()) {
        if (group.includes(outside)) continue;
        const pair = pairOf(inside, outside);
        this.#cuts.add(pair);
        this.#time.schedule(this.#random.between(1000, BROKEN_MS), () => {
          if (this.#cuts.has(pair)) this.#unlink(inside, outside);
        });
      }
    }
  }

  /** The link between two nodes fails for good. */
  greyOut(left: NodeId, right: NodeId): void {
    this.#grey.add(pairOf(left, right));
    this.#unlink(left, right);
  }

  heal(): void {
    this.#cuts.clear();
  }

  /** A process died: its connections close, and whoever can be reached sees it. */
  crashed(id: NodeId): void {
    for (const other of this.#hosts.keys()) if (other !== id) this.#unlink(id, other);
  }

  /** Delivers something to a process over the direct way, perhaps late, twice, or never. */
  transmit(from: NodeId, to: NodeId, deliver: () => void): void {
    this.#transmit(to, () => {
      if (this.isReachable(from, to)) deliver();
    });
  }

  /** The same over whatever way: relays have been chosen already. */
  #transmit(to: NodeId, deliver: () => void): void {
    const host = this.#hosts.get(to);
    const { loss, duplication } = this.options;
    const copies = this.#random.chance(loss) ? 0 : this.#random.chance(duplication) ? 2 : 1;
    if (host === undefined) return;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#time.schedule(this.#delayMs(), host.process.guard(deliver));
    }
  }

  /** The peer network of one life of a node. */
  peerNetwork(id: NodeId): PeerNetwork {
    const host = this.#hosts.get(id);
    if (host === undefined) throw new Error(`no host ${id}`);
    const { process } = host;
    return {
      self: id,
      start: (handlers) => {
        host.handlers = {
          onConnected: process.guard(handlers.onConnected),
          onDisconnected: process.guard(handlers.onDisconnected),
          onDialFailed: process.guard(handlers.onDialFailed),
          onMessage: process.guard(handlers.onMessage),
          onGossip: process.guard(handlers.onGossip),
        };
      },
      dial: (address) => this.#dial(host, address),
      send: (to, message) => {
        if (!this.#links.has(pairOf(id, to))) return;
        this.trace(`send ${id} ${to} ${message.length}`);
        this.transmit(id, to, () => this.#hosts.get(to)?.handlers?.onMessage(id, message));
      },
      publish: (message) => {
        this.trace(`publish ${id} ${message.length}`);
        for (const to of this.#reachedByGossip(id)) {
          this.#transmit(to, () => this.#hosts.get(to)?.handlers?.onGossip(id, message));
        }
      },
    };
  }

  /** Mostly a millisecond or two; with a tail, some messages are overtaken by much later ones. */
  #delayMs(): number {
    const base = this.#random.between(0.3, 2);
    const tail = this.options.slowTailMs * (1 / (1 - 0.95 * this.#random.next()) - 1) * 0.1;
    return base + tail;
  }

  #dial(from: Host, address: string): void {
    const to = [...this.#hosts.values()].find((host) => host.address === address);
    const failed = from.process.guard((reason: string) => from.handlers?.onDialFailed(address, reason));
    if (to === undefined || to === from) {
      this.#time.schedule(1, () => failed("refused"));
      return;
    }
    const arrived = from.process.guard(() => {
      if (!to.process.isUp || to.handlers === undefined) return failed("refused");
      const pair = pairOf(from.id, to.id);
      if (this.#links.has(pair)) return from.handlers?.onConnected(to.id, address);
      this.#links.add(pair);
      this.trace(`link ${from.id} ${to.id}`);
      from.handlers?.onConnected(to.id, address);
      to.handlers.onConnected(from.id);
    });
    this.#time.schedule(this.#delayMs() * 3, () => {
      if (this.isReachable(from.id, to.id)) arrived();
      else this.#time.schedule(DIAL_TIMEOUT_MS, () => failed("timed out"));
    });
  }

  #unlink(left: NodeId, right: NodeId): void {
    if (!this.#links.delete(pairOf(left, right))) return;
    this.trace(`unlink ${left} ${right}`);
    this.#hosts.get(left)?.handlers?.onDisconnected(right);
    this.#hosts.get(right)?.handlers?.onDisconnected(left);
  }

  /** Everyone that a flood over open links reaches. */
  #reachedByGossip(from: NodeId): readonly NodeId[] {
    const reached = new Set([from]);
    for (const near of reached) {
      for (const far of this.#hosts.keys()) {
        if (this.#links.has(pairOf(near, far)) && this.isReachable(near, far) && this.isUp(far)) reached.add(far);
      }
    }
    reached.delete(from);
    return [...reached];
  }
}

const pairOf = (left: NodeId, right: NodeId): string => (left < right ? `${left}|${right}` : `${right}|${left}`);
