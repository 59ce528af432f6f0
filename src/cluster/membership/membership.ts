/**
 * Membership: who belongs to the cluster and who can be reached. SWIM's rules (direct and indirect probes, suspicion,
 * refutation by incarnation, Lifeguard's local health) over lists that peers exchange when they connect, and gossip for what
 * changes afterwards. A state machine: time and randomness come in, effects go out.
 */

import type { NodeId } from "../../base/ids.js";
import type { Member, MemberState, NodeDescription, View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { announceStretch } from "./announcing.js";
import { Awareness } from "./awareness.js";
import { Census } from "./census.js";
import { Dialler } from "./dialler.js";
import { EventLoopLag } from "./event-loop-lag.js";
import { ListExchange, newsOf } from "./list-exchange.js";
import { MemberTable } from "./member-table.js";
import type { MembershipEffect, MembershipInput } from "./membership-events.js";
import type { CompareMessage, MembershipMessage, PingRequestMessage, SyncMessage } from "./messages.js";
import { Prober, type Sending } from "./prober.js";
import { RememberPace } from "./remember-pace.js";
import { StableView } from "./stable-view.js";
import { Suspicions } from "./suspicion.js";

/** Peers that a node tells of a newcomer. */
const MOST_INTRODUCTIONS = 8;

export class Membership {
  readonly #protocol: Protocol;
  readonly #table = new MemberTable();
  readonly #dialler: Dialler;
  readonly #connected = new Set<NodeId>();
  readonly #lists: ListExchange;
  readonly #stable: StableView;
  readonly #awareness = new Awareness();
  readonly #lag: EventLoopLag;
  readonly #prober: Prober;
  readonly #suspicions = new Suspicions();
  readonly #heardAtMs = new Map<NodeId, number>();
  /** Members from an earlier life that nobody has vouched for in this one. */
  readonly #unconfirmed = new Set<NodeId>();
  #self: Member;
  #view: View;
  readonly #census = new Census();
  #joined: boolean;
  /** The peer that introduces this node to the others; undefined while none was asked to. */
  #host: NodeId | undefined;
  #announcedAtMs = Number.NEGATIVE_INFINITY;
  readonly #rememberPace: RememberPace;
  #effects: MembershipEffect[] = [];
  #news = new Set<NodeId>();
  #isChanged = false;

  /** With `seeds` the node counts as joined once it has merged a peer's list; without, at once. */
  constructor(self: NodeDescription, seeds: readonly string[], protocol: Protocol) {
    this.#self = { ...self, state: "alive" };
    const others = this.#others(seeds);
    this.#protocol = protocol;
    this.#lag = new EventLoopLag(protocol);
    this.#rememberPace = new RememberPace(protocol.rememberMs);
    this.#dialler = new Dialler(self.id, others, protocol);
    this.#prober = new Prober(self.id, protocol, this.#awareness);
    this.#lists = new ListExchange(self.id, this.#table, protocol);
    this.#joined = others.length === 0;
    this.#table.merge(this.#self, 0);
    this.#view = { self: self.id, members: this.#table.sorted() };
    this.#stable = new StableView(this.#view, protocol);
  }

  get view(): View {
    return this.#view;
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** `nowMs` is monotonic, `random` a fresh number in [0, 1). The effects are to be carried out in order. */
  step(nowMs: number, random: number, input: MembershipInput): readonly MembershipEffect[] {
    this.#effects = [];
    this.#take(nowMs, random, input);
    this.#publishNews();
    if (this.#isChanged) {
      this.#isChanged = false;
      this.#rememberPace.changed();
      this.#view = { self: this.#self.id, members: this.#table.sorted() };
      this.#effects.push({ kind: "view-changed", view: this.#view, joined: this.#joined });
      this.#stable.observe(nowMs, this.#view);
    }
    const stable = this.#stable.advance(nowMs);
    if (stable !== undefined) this.#effects.push({ kind: "placement-changed", view: stable });
    return this.#effects;
  }

  #take(nowMs: number, random: number, input: MembershipInput): void {
    switch (input.kind) {
      case "connected":
        this.#onConnected(nowMs, input.peer, input.address);
        break;
      case "disconnected":
        this.#onDisconnected(nowMs, random, input.peer);
        break;
      case "dial-failed":
        this.#onDialFailed(nowMs, random, input.address);
        break;
      case "message":
        this.#onMessage(nowMs, random, input.from, input.message);
        break;
      case "gossip":
        this.#hear(nowMs, input.from);
        if (input.message.kind === "news") this.#mergeAll(nowMs, random, input.from, input.message.members);
        return;
      case "remembered":
        this.#onRemembered(nowMs, random, input.members);
        break;
      case "seeds":
        this.#dialler.join(this.#others(input.seeds));
        this.#dialAll(nowMs, random);
        break;
      case "tick":
        this.#onTick(nowMs, random);
        break;
      case "lagged":
        this.#onLagged(nowMs, input.lateMs);
        break;
      case "leave":
        this.#leave(nowMs);
        break;
    }
  }

  #others(seeds: readonly string[]): readonly string[] {
    return seeds.filter((address) => address !== this.#self.listen);
  }

  #onConnected(nowMs: number, peer: NodeId, address: string | undefined): void {
    this.#connected.add(peer);
    this.#hear(nowMs, peer);
    this.#dialler.connected(peer, address, this.#table.get(peer)?.listen);
    this.#sendAll(this.#lists.meet(nowMs, peer, this.#joined));
  }

  #hear(nowMs: number, from: NodeId): void {
    this.#heardAtMs.set(from, nowMs);
    this.#unconfirmed.delete(from);
  }

  /** Takes over what an earlier life knew. It counts as it was until a dial shows otherwise: most of it still holds. */
  #onRemembered(nowMs: number, random: number, members: readonly Member[]): void {
    for (const member of members) {
      if (member.id === this.#self.id || !this.#table.merge(member, nowMs)) continue;
      this.#unconfirmed.add(member.id);
      this.#isChanged = true;
    }
    this.#dialAll(nowMs, random);
  }

  /** Who was remembered and cannot be reached is a suspect at once; of others the probes and their silence tell. */
  #onDialFailed(nowMs: number, random: number, address: string): void {
    this.#dialler.failed(address, nowMs, random);
    for (const id of this.#unconfirmed) {
      if (this.#table.get(id)?.listen !== address) continue;
      this.#unconfirmed.delete(id);
      this.#judge(nowMs, id, "suspect");
    }
  }

  #onDisconnected(nowMs: number, random: number, peer: NodeId): void {
    this.#connected.delete(peer);
    this.#lists.settled(peer);
    this.#judge(nowMs, peer, "suspect");
    this.#dialAll(nowMs, random);
  }

  #onMessage(nowMs: number, random: number, from: NodeId, message: MembershipMessage): void {
    this.#hear(nowMs, from);
    switch (message.kind) {
      case "compare":
        this.#onCompare(from, message);
        return;
      case "sync":
        this.#onSync(nowMs, random, from, message);
        break;
      case "news":
        this.#mergeAll(nowMs, random, from, message.members);
        break;
      case "ping":
        if (message.about !== null) this.#mergeAll(nowMs, random, from, [message.about]);
        this.#effects.push({
          kind: "send",
          to: from,
          message: { kind: "ack", number: message.number, from: this.#self },
        });
        return;
      case "ping-request":
        this.#onPingRequest(nowMs, from, message);
        return;
      case "ack":
        this.#hear(nowMs, message.from.id);
        this.#sendAll(this.#prober.answered(message.number, message.from));
        this.#mergeAll(nowMs, random, from, [message.from]);
        return;
    }
  }

  #onCompare(from: NodeId, message: CompareMessage): void {
    const { isSame, sendings } = this.#lists.compared(from, message);
    this.#sendAll(this.#joined ? sendings : this.#asNewcomer(sendings));
    if (isSame) this.#settle(from);
  }

  /** What the peer knows is known here. */
  #settle(peer: NodeId): void {
    this.#lists.settled(peer);
    if (this.#joined) return;
    this.#joined = true;
    this.#isChanged = true;
  }

  #onSync(nowMs: number, random: number, from: NodeId, message: SyncMessage): void {
    const wasJoined = this.#joined;
    this.#settle(from);
    const strangers = message.members.filter((member) => this.#table.get(member.id) === undefined);
    this.#mergeAll(nowMs, random, from, message.members);
    const corrections = this.#lists.correctionOf(from, message);
    this.#sendAll(wasJoined ? corrections : this.#asNewcomer(corrections));
    if (strangers.length > 0) this.#introduce(strangers, from, random, message.isNew === true);
  }

  /** One peer suffices to tell the others. */
  #asNewcomer(sendings: readonly Sending[]): readonly Sending[] {
    return sendings.map(({ to, message }) => {
      if (this.#host !== undefined || message.kind !== "sync") return { to, message };
      this.#host = to;
      return { to, message: { ...message, isNew: true } };
    });
  }

  /**
   * Gossip takes a while to reach whom it has just met: those already here hear of newcomers directly, as many of them as
   * all are in a small cluster. In a large one gossip tells the rest, of somebody who has met nobody else; who was met by
   * others as well meets the rest itself.
   */
  #introduce(members: readonly Member[], from: NodeId, random: number, isNew: boolean): void {
    const others = [...this.#connected].filter((peer) => peer !== from);
    const first = Math.floor(random * others.length);
    for (let nth = 0; nth < Math.min(others.length, MOST_INTRODUCTIONS); nth += 1) {
      const to = others[(first + nth) % others.length];
      if (to !== undefined) this.#effects.push({ kind: "send", to, message: { kind: "news", members } });
    }
    if (isNew && others.length > MOST_INTRODUCTIONS) for (const { id } of members) this.#news.add(id);
  }

  #onTick(nowMs: number, random: number): void {
    this.#dialAll(nowMs, random);
    this.#sendAll(this.#lists.tick(nowMs, random, this.#connected));
    this.#recover(nowMs);
    this.#runProbe(nowMs, random);
    this.#buryAndSuspect(nowMs);
    this.#remember(nowMs);
    if (
      nowMs - this.#announcedAtMs >=
      this.#protocol.announceMs * announceStretch(this.#census.of(this.#view).living)
    ) {
      this.#announcedAtMs = nowMs;
      this.#news.add(this.#self.id);
    }
  }

  #runProbe(nowMs: number, random: number): void {
    const { sendings, failed } = this.#prober.tick(nowMs, random, this.#table, this.#connected);
    this.#sendAll(sendings);
    // Whatever else was heard from it meanwhile is as good as an answer.
    if (failed === undefined || (this.#heardAtMs.get(failed.target) ?? 0) > failed.sentAtMs) return;
    this.#awareness.worse();
    this.#judge(nowMs, failed.target, "suspect");
  }

  #onPingRequest(nowMs: number, from: NodeId, { number, target }: PingRequestMessage): void {
    const member = this.#table.get(target);
    if (member === undefined || !this.#connected.has(target)) return;
    this.#sendAll(this.#prober.relay(nowMs, from, number, member));
  }

  #sendAll(sendings: readonly Sending[]): void {
    for (const sending of sendings) this.#effects.push({ kind: "send", ...sending });
  }

  /** The event loop was late: this node trusts its own judgement less, and if that goes on, it had better do less. */
  #onLagged(nowMs: number, lateMs: number): void {
    this.#awareness.worse();
    if (this.#lag.noted(nowMs, lateMs) && this.#self.demoted !== true)
      this.#restate(nowMs, { ...this.#self, demoted: true });
  }

  #recover(nowMs: number): void {
    if (this.#self.demoted !== true || !this.#lag.isOver(nowMs)) return;
    const { demoted, ...self } = this.#self;
    this.#restate(nowMs, self);
  }

  #restate(nowMs: number, self: Member): void {
    if (this.#self.state !== "left") this.#replaceSelf(nowMs, { ...self, incarnation: self.incarnation + 1 });
  }

  /** Suspects whose time is over are dead; members without connection or any news for long are suspects. */
  #buryAndSuspect(nowMs: number): void {
    // With a connection to each of the others, and no suspect, all is well.
    const { living, suspects } = this.#census.of(this.#view);
    if (suspects === 0 && this.#connected.size >= this.#view.members.length - 1) return;
    const silenceMs = this.#protocol.silenceMs * announceStretch(living);
    for (const member of this.#view.members) {
      if (member.state === "alive" && this.#connected.has(member.id)) continue;
      if (member.id === this.#self.id) continue;
      if (member.state === "suspect") {
        const sinceMs = this.#table.changedAtMs(member.id);
        const isOver = this.#suspicions.isOver(member.id, living, sinceMs, nowMs, this.#protocol);
        if (isOver) this.#judge(nowMs, member.id, "dead");
      }
      const heardAtMs = Math.max(this.#heardAtMs.get(member.id) ?? 0, this.#table.changedAtMs(member.id));
      const isSilent = !this.#connected.has(member.id) && nowMs - heardAtMs >= silenceMs;
      if (member.state === "alive" && isSilent) this.#judge(nowMs, member.id, "suspect");
    }
  }

  #remember(nowMs: number): void {
    if (!this.#rememberPace.isDue(nowMs)) return;
    const members = this.#table.sorted().filter((member) => member.id !== this.#self.id);
    this.#effects.push({ kind: "remember", members });
  }

  #judge(nowMs: number, id: NodeId, state: MemberState): void {
    const member = this.#table.get(id);
    if (member === undefined) return;
    const isNew =
      state === "suspect" &&
      (member.state === "alive" || member.state === "suspect") &&
      this.#suspicions.add(id, member.incarnation, this.#self.id, nowMs);
    if (this.#table.merge({ ...member, state }, nowMs)) this.#isChanged = true;
    else if (!isNew) return;
    // A suspicion that others had first is told all the same: agreement shortens it.
    this.#news.add(id);
  }

  #mergeAll(nowMs: number, random: number, from: NodeId, members: readonly Member[]): void {
    const moved: Member[] = [];
    for (const member of members) {
      if (member.id === this.#self.id) {
        this.#refute(nowMs, member);
        continue;
      }
      this.#unconfirmed.delete(member.id);
      if (this.#table.get(member.id)?.listen !== member.listen) moved.push(member);
      if (member.state === "suspect") this.#suspicions.add(member.id, member.incarnation, from, nowMs);
      if (!this.#table.merge(member, nowMs)) continue;
      if (member.state !== "suspect") this.#suspicions.forget(member.id);
      this.#isChanged = true;
      if (this.#connected.has(member.id)) this.#dialler.connected(member.id, undefined, member.listen);
    }
    const met = moved.flatMap(({ id }) => this.#table.get(id) ?? []);
    this.#dial(this.#dialler.dueOf(met, nowMs, random, this.#connected));
  }

  /** Whoever thinks this node suspect, dead or gone hears of a higher incarnation. */
  #refute(nowMs: number, account: Member): void {
    const leaves = this.#self.state === "left";
    if (leaves || account.incarnation < this.#self.incarnation) return;
    if (account.incarnation === this.#self.incarnation && account.state === "alive") return;
    if (account.state === "suspect") this.#awareness.worse();
    this.#replaceSelf(nowMs, { ...this.#self, incarnation: account.incarnation + 1 });
  }

  #leave(nowMs: number): void {
    this.#replaceSelf(nowMs, { ...this.#self, state: "left" });
    const message = { kind: "news" as const, members: [this.#self] };
    this.#sendAll([...this.#connected].map((to) => ({ to, message })));
  }

  #replaceSelf(nowMs: number, self: Member): void {
    this.#self = self;
    this.#table.merge(self, nowMs);
    this.#isChanged = true;
    this.#news.add(self.id);
  }

  #dialAll(nowMs: number, random: number): void {
    this.#dial(this.#dialler.due(nowMs, random, this.#table.values(), this.#connected));
  }

  #dial(addresses: readonly string[]): void {
    if (this.#self.state === "left") return;
    for (const address of addresses) this.#effects.push({ kind: "dial", address });
  }

  #publishNews(): void {
    if (this.#news.size === 0) return;
    const members = [...this.#news].flatMap((id) => this.#table.get(id) ?? []);
    this.#news = new Set();
    for (const message of newsOf(members)) this.#effects.push({ kind: "publish", message });
  }
}
