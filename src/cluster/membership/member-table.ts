/**
 * Everyone a node has heard of, the rule by which two accounts of a member become one, and digests of all accounts, so that
 * two nodes find out in a few bytes where they know otherwise.
 */

import type { NodeId } from "../../base/ids.js";
import { murmur3 } from "../../base/ring-hash.js";
import type { Member, MemberState } from "../member.js";

const RANK: { readonly [state in MemberState]: number } = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * Whether an account replaces another of the same member: the higher incarnation, then the worse state. A total order, so
 * nodes that have heard the same accounts, in any order, agree. Only the member itself raises its incarnation.
 */
export const replaces = (account: Member, known: Member): boolean =>
  account.incarnation !== known.incarnation
    ? account.incarnation > known.incarnation
    : RANK[account.state] > RANK[known.state];

/** A digest has two words of 32 bits: the exclusive or of its accounts' hashes. */
const HIGH_SEED = 0x6a09e667;
const LOW_SEED = 0x3c6ef372;
const PLACE_SEED = 0x510e527f;

interface Known {
  readonly member: Member;
  /** When the account last changed here. */
  readonly changedAtMs: number;
  /** Hash of the id: its low bits are the member's bucket. */
  readonly place: number;
  readonly high: number;
  readonly low: number;
}

const hexOf = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

export class MemberTable {
  readonly #known = new Map<NodeId, Known>();
  /** By id; copied whenever it is handed out. */
  readonly #order: Member[] = [];
  #sorted: readonly Member[] | undefined = [];
  #high = 0;
  #low = 0;

  get(id: NodeId): Member | undefined {
    return this.#known.get(id)?.member;
  }

  changedAtMs(id: NodeId): number {
    return this.#known.get(id)?.changedAtMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes an account over if it replaces what is known; says whether it did. */
  merge(account: Member, nowMs: number): boolean {
    const before = this.#known.get(account.id);
    if (before !== undefined && !replaces(account, before.member)) return false;
    const text = `${account.id}\0${account.incarnation}\0${account.state}`;
    const known: Known = {
      member: account,
      changedAtMs: nowMs,
      place: before?.place ?? murmur3(account.id, PLACE_SEED),
      high: murmur3(text, HIGH_SEED) | 0,
      low: murmur3(text, LOW_SEED) | 0,
    };
    this.#known.set(account.id, known);
    this.#high ^= known.high ^ (before?.high ?? 0);
    this.#low ^= known.low ^ (before?.low ?? 0);
    this.#order.splice(this.#indexOf(account.id), before === undefined ? 0 : 1, account);
    this.#sorted = undefined;
    return true;
  }

  /** All members, sorted by id. */
  sorted(): readonly Member[] {
    this.#sorted ??= [...this.#order];
    return this.#sorted;
  }

  values(): readonly Member[] {
    return this.#order;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The digest of each of `count` buckets of the members, a power of two: 16 hex digits each. */
  digests(count: number): readonly string[] {
    if (count === 1) return [hexOf(this.#high) + hexOf(this.#low)];
    const high = new Int32Array(count);
    const low = new Int32Array(count);
    for (const known of this.#known.values()) {
      const bucket = known.place & (count - 1);
      high[bucket] = (high[bucket] ?? 0) ^ known.high;
      low[bucket] = (low[bucket] ?? 0) ^ known.low;
    }
    return Array.from(high, (word, bucket) => hexOf(word) + hexOf(low[bucket] ?? 0));
  }

  /** The members of some of `count` buckets, by bucket. */
  inBuckets(count: number, buckets: readonly number[]): ReadonlyMap<number, readonly Member[]> {
    const found = new Map<number, Member[]>(buckets.map((bucket) => [bucket, []]));
    for (const { member, place } of this.#known.values()) found.get(place & (count - 1))?.push(member);
    return found;
  }

  /** Where a member is in the order, or belongs. */
  #indexOf(id: NodeId): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const member = this.#order[middle];
      if (member !== undefined && member.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
