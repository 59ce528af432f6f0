/**
 * How what two nodes know of the members becomes the same: anti-entropy by digests (Demers et al., 1987), with the lower id
 * as the one who asks when they meet, and one peer by chance asked now and then, so that lost news heals. Digests of
 * everything come first; where they differ, those of buckets of a few members; the accounts of buckets that differ travel
 * last, and come back where the other one knows better. Peers that agree exchange two short messages, however many members
 * there are.
 */

import type { NodeId } from "../../base/ids.js";
import type { Member } from "../member.js";
import type { Protocol } from "../protocol.js";
import { type MemberTable, replaces } from "./member-table.js";
import {
  type Buckets,
  type CompareMessage,
  MAX_BUCKETS,
  MAX_SYNC_BUCKETS,
  MAX_SYNC_MEMBERS,
  type MembershipMessage,
  type SyncMessage,
} from "./messages.js";
import type { Sending } from "./prober.js";

/** Members of a bucket, about. */
const BUCKET_MEMBERS = 4;
/** Buckets that are coarser than this for the receiver are answered with finer ones. */
const MOST_COARSE = 4;

export class ListExchange {
  readonly #self: NodeId;
  readonly #table: MemberTable;
  readonly #protocol: Protocol;
  /** Connected peers of which it is not known yet that they know the same, and when they were asked or met. */
  readonly #unsynced = new Map<NodeId, number>();
  #comparedAtMs: number | undefined;

  constructor(self: NodeId, table: MemberTable, protocol: Protocol) {
    this.#self = self;
    this.#table = table;
    this.#protocol = protocol;
  }

  /** A peer is connected. Of two the lower id asks; who has not joined yet does not wait to be asked. */
  meet(nowMs: number, peer: NodeId, isJoined: boolean): readonly Sending[] {
    this.#unsynced.set(peer, nowMs);
    return isJoined && this.#self > peer ? [] : [this.#ask(peer)];
  }

  /** The peer's accounts came, or the peer is gone. */
  settled(peer: NodeId): void {
    this.#unsynced.delete(peer);
  }

  tick(nowMs: number, random: number, connected: ReadonlySet<NodeId>): readonly Sending[] {
    const sendings: Sending[] = [];
    for (const [peer, askedAtMs] of this.#unsynced) {
      if (nowMs - askedAtMs < this.#protocol.syncRetryMs) continue;
      this.#unsynced.set(peer, nowMs);
      sendings.push(this.#ask(peer));
    }
    this.#comparedAtMs ??= nowMs;
    if (nowMs - this.#comparedAtMs < this.#protocol.antiEntropyMs) return sendings;
    this.#comparedAtMs = nowMs;
    const peers = [...connected].sort();
    const peer = peers[Math.floor(random * peers.length)];
    if (peer !== undefined) sendings.push(this.#ask(peer));
    return sendings;
  }

  #ask(to: NodeId): Sending {
    return { to, message: { kind: "compare", digests: this.#table.digests(1).join("") } };
  }

  /** What to answer; `isSame` if both know the same. */
  compared(
    from: NodeId,
    { digests }: CompareMessage,
  ): { readonly isSame: boolean; readonly sendings: readonly Sending[] } {
    const theirs = digests.match(/.{16}/g) ?? [];
    const count = theirs.length;
    const differing = this.#table
      .digests(count)
      .flatMap((digest, bucket) => (digest === theirs[bucket] ? [] : [bucket]));
    if (differing.length === 0) return { isSame: true, sendings: [syncTo(from, [])] };
    const wanted = bucketsFor(this.#table.size);
    if (wanted <= count * MOST_COARSE) return { isSame: false, sendings: this.#accountsOf(from, count, differing) };
    return {
      isSame: false,
      sendings: [{ to: from, message: { kind: "compare", digests: this.#table.digests(wanted).join("") } }],
    };
  }

  /** The whole content of some buckets, in as many messages as the caps ask for. */
  #accountsOf(to: NodeId, of: number, buckets: readonly number[]): readonly Sending[] {
    const sendings: Sending[] = [];
    let members: Member[] = [];
    let numbers: number[] = [];
    const send = (): void => {
      if (numbers.length > 0) sendings.push(syncTo(to, members, { of, numbers }));
      [members, numbers] = [[], []];
    };
    for (const [bucket, inside] of this.#table.inBuckets(of, buckets)) {
      if (members.length + inside.length > MAX_SYNC_MEMBERS || numbers.length === MAX_SYNC_BUCKETS) send();
      if (inside.length > MAX_SYNC_MEMBERS) {
        // Too many for one message: what they lack is not told back, until their own buckets are compared.
        for (const part of partsOf(inside)) sendings.push(syncTo(to, part));
        continue;
      }
      members.push(...inside);
      numbers.push(bucket);
    }
    send();
    return sendings;
  }

  /** What this node knows better of the buckets that came, once they have been merged. */
  correctionOf(from: NodeId, { members, buckets }: SyncMessage): readonly Sending[] {
    if (buckets === undefined) return [];
    const theirs = new Map(members.map((member) => [member.id, member]));
    const better = [...this.#table.inBuckets(buckets.of, buckets.numbers).values()].flat().filter((member) => {
      const known = theirs.get(member.id);
      return known === undefined || replaces(member, known);
    });
    // Without any it says that both know the same now.
    return better.length === 0 ? [syncTo(from, [])] : partsOf(better).map((part) => syncTo(from, part));
  }
}

function bucketsFor(members: number): number {
  let count = 1;
  while (count * BUCKET_MEMBERS < members && count < MAX_BUCKETS) count *= 2;
  return count;
}

function syncTo(to: NodeId, members: readonly Member[], buckets?: Buckets): Sending {
  return { to, message: { kind: "sync", members, ...(buckets === undefined ? {} : { buckets }) } };
}

export const newsOf = (members: readonly Member[]): readonly MembershipMessage[] =>
  partsOf(members).map((part) => ({ kind: "news", members: part }));

const partsOf = (members: readonly Member[]): readonly (readonly Member[])[] =>
  Array.from({ length: Math.ceil(members.length / MAX_SYNC_MEMBERS) }, (_, part) =>
    members.slice(part * MAX_SYNC_MEMBERS, (part + 1) * MAX_SYNC_MEMBERS),
  );
