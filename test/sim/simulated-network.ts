/**
 * A simulated network between simulated processes: heavy-tailed delay, loss, duplication, overtaking, and cuts of every
 * shape, one direction at a time. The peer network and the exchange both ride on it; a lost exchange message is silence.
 */

import type { NodeId } from "../../src/base/ids.js";
import { MAX_MESSAGE_BYTES } from "../../src/cluster/membership/messages.js";
import type { PeerNetwork, PeerNetworkHandlers } from "../../src/node/ports/peer-network.js";
import { RandomStream } from "./random-stream.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedTime } from "./simulated-time.js";
import type { Tally } from "./tally.js";
import type { Trace } from "./trace.js";

export interface NetworkOptions {
  readonly loss: number;
  readonly duplication: number;
  /** Share of the messages that are held back for long, so that later ones overtake them. */
  readonly reordering: number;
  /** Scale of the heavy-tailed part of the delay. */
  readonly slowTailMs: number;
}

/** One direction of the way between two hosts, by their numbers. */
export type Direction = readonly [from: number, to: number];

interface Host {
  readonly number: number;
  readonly id: NodeId;
  readonly address: string;
  readonly process: SimulatedProcess;
  handlers: PeerNetworkHandlers | undefined;
  /** Numbers of the hosts that it has a connection with. */
  readonly links: Set<number>;
}

/** The cap of a message, and the byte that says whose it is. */
const MAX_CONTROL_BYTES = MAX_MESSAGE_BYTES + 1;
const DIAL_TIMEOUT_MS = 3000;
/** A connection across a cut is given up after about this long. */
const BROKEN_MS = 6000;
const HELD_BACK_MS = 2000;
/** A delay that the tail made longer than this counts as a slow message. */
const SLOW_MS = 100;

export const NO_NUISANCE: NetworkOptions = { loss: 0, duplication: 0, reordering: 0, slowTailMs: 0 };

export class SimulatedNetwork {
  readonly #time: SimulatedTime;
  readonly #trace: Trace;
  readonly #tally: Tally;
  readonly #random: { readonly [concern in "loss" | "duplication" | "reordering" | "delay" | "tail"]: RandomStream };
  readonly #breaking: RandomStream;
  readonly #hosts: Host[] = [];
  readonly #byId = new Map<NodeId, Host>();
  readonly #byAddress = new Map<string, Host>();
  /** How many cuts lie over each direction. */
  readonly #cuts = new Map<number, number>();
  options: NetworkOptions;
  /** Control messages that arrived, whatever their way, and their bytes. */
  readonly traffic = { messages: 0, bytes: 0 };

  constructor(time: SimulatedTime, seed: number, options: NetworkOptions, trace: Trace, tally: Tally) {
    const stream = (concern: string): RandomStream => new RandomStream(seed, `network ${concern}`);
    this.#time = time;
    this.#trace = trace;
    this.#tally = tally;
    this.#random = {
      loss: stream("loss"),
      duplication: stream("duplication"),
      reordering: stream("reordering"),
      delay: stream("delay"),
      tail: stream("tail"),
    };
    this.#breaking = stream("breaking");
    this.options = options;
  }

  addHost(id: NodeId, address: string, process: SimulatedProcess): void {
    const host: Host = { number: this.#hosts.length, id, address, process, handlers: undefined, links: new Set() };
    this.#hosts.push(host);
    this.#byId.set(id, host);
    this.#byAddress.set(address, host);
  }

  numberOf(id: NodeId): number {
    return this.#hostOf(id).number;
  }

  isReachable(from: NodeId, to: NodeId): boolean {
    return this.#isOpen(this.numberOf(from), this.numberOf(to));
  }

  isUp(id: NodeId): boolean {
    return this.#hostOf(id).process.isUp;
  }

  /** Cuts some directions; connections that need one break after a while, with `atOnce` now. Returns what mends them. */
  cut(directions: readonly Direction[], { atOnce = false } = {}): () => void {
    for (const [from, to] of directions) {
      this.#addCut(from, to, 1);
      const brokenMs = this.#breaking.between(1000, BROKEN_MS);
      if (atOnce) this.#unlink(from, to);
      else {
        this.#time.schedule(brokenMs, () => {
          if (!this.#isOpen(from, to)) this.#unlink(from, to);
        });
      }
    }
    return () => {
      for (const [from, to] of directions) this.#addCut(from, to, -1);
    };
  }

  /** A callback that only reaches the life that the host's process has now. */
  guard(id: NodeId, run: () => void): () => void {
    return this.#hostOf(id).process.guard(run);
  }

  /** A process died: its connections close, and whoever can be reached sees it. */
  crashed(id: NodeId): void {
    const host = this.#hostOf(id);
    for (const other of [...host.links]) this.#unlink(host.number, other);
  }

  /** Delivers something to a process over the direct way, perhaps late, twice, or never. */
  transmit(from: NodeId, to: NodeId, deliver: () => void): void {
    const sender = this.numberOf(from);
    const receiver = this.#hostOf(to);
    this.#transmit(receiver, () => {
      if (this.#isOpen(sender, receiver.number)) deliver();
    });
  }

  /** The peer network of one life of a node. */
  peerNetwork(id: NodeId): PeerNetwork {
    const host = this.#hostOf(id);
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
      send: (to, message) => this.#send(host, this.#hostOf(to), message),
      publish: (message) => {
        checkSize(message);
        this.#trace.message("publish", host.number, host.number, message.length);
        for (const to of this.#reachedByGossip(host)) {
          this.#transmit(to, () => {
            this.#count(message);
            to.handlers?.onGossip(id, message);
          });
        }
      },
    };
  }

  #count(message: Uint8Array): void {
    this.traffic.messages += 1;
    this.traffic.bytes += message.length;
  }

  #send(from: Host, to: Host, message: Uint8Array): void {
    checkSize(message);
    if (!from.links.has(to.number)) return;
    this.#trace.message("send", from.number, to.number, message.length);
    this.#transmit(to, () => {
      if (!this.#isOpen(from.number, to.number)) return;
      this.#count(message);
      to.handlers?.onMessage(from.id, message);
    });
  }

  /** Over whatever way: relays have been chosen already. */
  #transmit(to: Host, deliver: () => void): void {
    const { loss, duplication } = this.options;
    if (loss > 0 && this.#random.loss.chance(loss)) {
      this.#tally.add("loss");
      return;
    }
    const isTwice = duplication > 0 && this.#random.duplication.chance(duplication);
    if (isTwice) this.#tally.add("duplication");
    const guarded = to.process.guard(deliver);
    for (let copy = isTwice ? 0 : 1; copy < 2; copy += 1) {
      this.#time.schedule(this.#delayMs() + to.process.lateMs(), guarded);
    }
  }

  /** Mostly a millisecond or two; with a tail, some messages are overtaken by much later ones. */
  #delayMs(): number {
    const { slowTailMs, reordering } = this.options;
    let delayMs = this.#random.delay.between(0.3, 2);
    if (slowTailMs > 0) {
      const tailMs = slowTailMs * (1 / (1 - 0.95 * this.#random.tail.next()) - 1) * 0.1;
      if (tailMs > SLOW_MS) this.#tally.add("slowTailMs");
      delayMs += tailMs;
    }
    if (reordering > 0 && this.#random.reordering.chance(reordering)) {
      this.#tally.add("reordering");
      delayMs += this.#random.reordering.between(50, HELD_BACK_MS);
    }
    return delayMs;
  }

  #dial(from: Host, address: string): void {
    const to = this.#byAddress.get(address);
    const failed = from.process.guard((reason: string) => from.handlers?.onDialFailed(address, reason));
    if (to === undefined || to === from) {
      this.#time.schedule(1, () => failed("refused"));
      return;
    }
    const arrived = from.process.guard(() => {
      if (!to.process.isUp || to.handlers === undefined) return failed("refused");
      if (from.links.has(to.number)) return from.handlers?.onConnected(to.id, address);
      from.links.add(to.number);
      to.links.add(from.number);
      this.#trace.message("link", from.number, to.number, 0);
      from.handlers?.onConnected(to.id, address);
      to.handlers.onConnected(from.id);
    });
    this.#time.schedule(this.#delayMs() * 3, () => {
      if (this.#isOpen(from.number, to.number) && this.#isOpen(to.number, from.number)) arrived();
      else this.#time.schedule(DIAL_TIMEOUT_MS, () => failed("timed out"));
    });
  }

  #unlink(left: number, right: number): void {
    const one = this.#hosts[left];
    const other = this.#hosts[right];
    if (one === undefined || other === undefined || !one.links.delete(right)) return;
    other.links.delete(left);
    this.#trace.message("unlink", left, right, 0);
    one.handlers?.onDisconnected(other.id);
    other.handlers?.onDisconnected(one.id);
  }

  /** Everyone that a flood over open links reaches. */
  #reachedByGossip(from: Host): readonly Host[] {
    const reached = new Set([from]);
    for (const near of reached) {
      if (reached.size === this.#hosts.length) break;
      for (const number of near.links) {
        const far = this.#hosts[number];
        if (far?.process.isUp && !reached.has(far) && this.#isOpen(near.number, number)) reached.add(far);
      }
    }
    reached.delete(from);
    return [...reached];
  }

  #hostOf(id: NodeId): Host {
    const host = this.#byId.get(id);
    if (host === undefined) throw new Error(`no host ${id}`);
    return host;
  }

  #isOpen(from: number, to: number): boolean {
    return this.#cuts.size === 0 || (this.#cuts.get(from * MAX_HOSTS + to) ?? 0) === 0;
  }

  #addCut(from: number, to: number, count: 1 | -1): void {
    const key = from * MAX_HOSTS + to;
    const cuts = (this.#cuts.get(key) ?? 0) + count;
    if (cuts === 0) this.#cuts.delete(key);
    else this.#cuts.set(key, cuts);
  }
}

const MAX_HOSTS = 4096;

/** Production's transport closes the stream over a longer one. */
function checkSize(message: Uint8Array): void {
  if (message.length > MAX_CONTROL_BYTES) throw new Error(`a control message has ${message.length} bytes`);
}
