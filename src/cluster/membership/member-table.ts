/** Everyone a node has heard of, and the rule by which two accounts of a member become one. */

import type { NodeId } from "../../base/ids.js";
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

export class MemberTable {
  readonly #members = new Map<NodeId, Member>();
  /** When each member's account last changed here. */
  readonly #changedAtMs = new Map<NodeId, number>();

  get(id: NodeId): Member | undefined {
    return this.#members.get(id);
  }

  changedAtMs(id: NodeId): number {
    return this.#changedAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes an account over if it replaces what is known; says whether it did. */
  merge(account: Member, nowMs: number): boolean {
    const known = this.#members.get(account.id);
    if (known !== undefined && !replaces(account, known)) return false;
    this.#members.set(account.id, account);
    this.#changedAtMs.set(account.id, nowMs);
    return true;
  }

  /** All members, sorted by id. */
  sorted(): readonly Member[] {
    return [...this.#members.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  values(): IterableIterator<Member> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }
}
