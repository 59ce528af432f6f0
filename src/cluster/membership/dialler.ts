/**
 * Whom to dial: seeds always; of two members the lower id, the higher one only when no connection came for a while, so that
 * connections do not double.
 */

import type { NodeId } from "../../base/ids.js";
import type { Member } from "../member.js";
import type { Protocol } from "../protocol.js";
import { Redial } from "./redial.js";

/** `1.2.3.4:PORT` or `[::1]:PORT`; anything else is a name. */
const IP_ADDRESS = /^(?:[\d.]+|\[[^\]]*\]):\d+$/;

export class Dialler {
  readonly #self: NodeId;
  #seeds: readonly string[];
  readonly #protocol: Protocol;
  readonly #redial: Redial;
  /** Which peer answered at which seed's address. */
  readonly #seedPeers = new Map<string, NodeId>();
  readonly #dialledAtMs = new Map<string, number>();

  constructor(self: NodeId, seeds: readonly string[], protocol: Protocol) {
    this.#self = self;
    this.#seeds = seeds;
    this.#protocol = protocol;
    this.#redial = new Redial(protocol);
  }

  /** The nodes to join are others now. */
  join(seeds: readonly string[]): void {
    this.#seeds = seeds;
  }

  /** A connection stands; `address` is what was dialled to get there, `listen` where the peer says it listens. */
  connected(peer: NodeId, address: string | undefined, listen: string | undefined): void {
    if (address !== undefined) {
      this.#redial.forget(address);
      if (this.#seeds.includes(address)) this.#seedPeers.set(address, peer);
    }
    if (listen !== undefined) this.#redial.forget(listen);
  }

  failed(address: string, nowMs: number, random: number): void {
    this.#redial.failed(address, nowMs, random);
  }

  /** The addresses to dial now; each counts as being dialled from then on. */
  due(nowMs: number, random: number, members: readonly Member[], connected: ReadonlySet<NodeId>): readonly string[] {
    const addresses = this.#seeds.filter(
      (address) =>
        (!this.#isSeedConnected(address, members, connected) || this.#isWorthAnotherLook(address, nowMs)) &&
        this.#redial.begin(address, nowMs, random),
    );
    for (const address of addresses) this.#dialledAtMs.set(address, nowMs);
    // With a connection to each of the others there is nobody to look for.
    if (connected.size >= members.length - 1) return addresses;
    return [...addresses, ...this.dueOf(members, nowMs, random, connected)];
  }

  /** The same for some members alone. */
  dueOf(members: readonly Member[], nowMs: number, random: number, connected: ReadonlySet<NodeId>): readonly string[] {
    const addresses: string[] = [];
    for (const { id, state, listen } of members) {
      if (connected.has(id) || id === this.#self || state === "left") continue;
      const delayMs = this.#self < id ? 0 : this.#protocol.higherIdDialDelayMs;
      if (this.#redial.begin(listen, nowMs, random, delayMs)) addresses.push(listen);
    }
    return addresses;
  }

  /** A name may lead to more nodes than the one that answered, and to others later: two halves of a cluster meet there. */
  #isWorthAnotherLook(address: string, nowMs: number): boolean {
    const dialledAtMs = this.#dialledAtMs.get(address) ?? Number.NEGATIVE_INFINITY;
    return !IP_ADDRESS.test(address) && nowMs - dialledAtMs >= this.#protocol.rediscoverMs;
  }

  #isSeedConnected(address: string, members: readonly Member[], connected: ReadonlySet<NodeId>): boolean {
    const peer = this.#seedPeers.get(address);
    if (peer !== undefined && connected.has(peer)) return true;
    return members.some(({ id, listen }) => listen === address && connected.has(id));
  }
}
