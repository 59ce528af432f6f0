/**
 * Placement: which member does what. A consistent hash ring (Karger et al., 1997) with virtual nodes weighted by scanning
 * threads and loads bounded by a factor of 1.25 (Mirrokni, Thorup, Zadimoghaddam, 2018). Everything here is a pure
 * function of the manifest and the view: equal views place alike, and views that differ cost work, never correctness.
 */

import type { NodeId } from "../../base/ids.js";
import { ringHash } from "../../base/ring-hash.js";
import type { Member, View } from "../member.js";

const VIRTUAL_NODES = 128;

/** Beyond this many threads a member gets no more points: a ring of a hundred big machines stays under 2^18 points. */
const MAX_WEIGHT = 16;

/** A member's weight on the ring; spans and loads follow it. */
export const weightOf = (member: Pick<Member, "threads">): number =>
  Math.max(1, Math.min(MAX_WEIGHT, Math.trunc(member.threads)));

/** Members that can be given work. A suspect may be well: it keeps its place but is asked after the others. */
export const isPlaced = (member: Member): boolean => member.state === "alive" || member.state === "suspect";

/** Members that compute the vertices of manifests of this semantics version; others decline them. */
export const computes =
  (semanticsVersion: number): ((member: Pick<Member, "semanticsVersion">) => boolean) =>
  (member) =>
    member.semanticsVersion === semanticsVersion;

export interface Ring {
  /** Every placed member once, in ring order from `hash` onwards (wrapping). */
  orderFrom(hash: number): readonly NodeId[];
  /** The first of {@link orderFrom} for which it is so: most are found within a few points, of however many. */
  firstFrom(hash: number, isWanted: (member: NodeId) => boolean): NodeId | undefined;
  readonly members: readonly NodeId[];
}

/** Members whose points are kept; their number only bounds memory. */
const MAX_KNOWN_MEMBERS = 2000;
const hashes = new Map<string, Float64Array>();

/** The places of a member's virtual nodes: they depend on its id alone, so they are computed once. */
function hashesOf({ id, threads }: Pick<Member, "id" | "threads">): Float64Array {
  const count = VIRTUAL_NODES * weightOf({ threads });
  const name = `${count} ${id}`;
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const made = Float64Array.from({ length: count }, (_, point) => ringHash(`${id}#${point}`));
  if (hashes.size >= MAX_KNOWN_MEMBERS) hashes.clear();
  hashes.set(name, made);
  return made;
}

/** The ring of some members; ties between points go to the lower id. */
export function buildRing(members: readonly Pick<Member, "id" | "threads">[]): Ring {
  const sorted = [...members].sort((left, right) => (left.id < right.id ? -1 : 1));
  const points = sorted.flatMap((member, index) => Array.from(hashesOf(member), (hash) => ({ hash, member: index })));
  points.sort((left, right) => left.hash - right.hash || left.member - right.member);
  return new Points(
    Float64Array.from(points, ({ hash }) => hash),
    Uint32Array.from(points, ({ member }) => member),
    sorted.map(({ id }) => id),
  );
}

/** Places and members of all points, side by side in arrays: a walk passes hundreds of them, for each span of a job. */
class Points implements Ring {
  readonly members: readonly NodeId[];
  readonly #hashes: Float64Array;
  /** Of each point, the index of its member. */
  readonly #owners: Uint32Array;

  constructor(hashes: Float64Array, owners: Uint32Array, members: readonly NodeId[]) {
    this.#hashes = hashes;
    this.#owners = owners;
    this.members = members;
  }

  orderFrom(hash: number): readonly NodeId[] {
    const order: NodeId[] = [];
    this.firstFrom(hash, (member) => {
      order.push(member);
      return false;
    });
    return order;
  }

  firstFrom(hash: number, isWanted: (member: NodeId) => boolean): NodeId | undefined {
    const owners = this.#owners;
    const seen = new Uint8Array(this.members.length);
    let unseen = seen.length;
    let at = this.#firstAtOrAfter(hash);
    for (let step = 0; step < owners.length && unseen > 0; step += 1, at += 1) {
      if (at === owners.length) at = 0;
      const owner = owners[at] ?? 0;
      if (seen[owner] === 1) continue;
      seen[owner] = 1;
      unseen -= 1;
      const member = this.members[owner];
      if (member !== undefined && isWanted(member)) return member;
    }
    return undefined;
  }

  #firstAtOrAfter(hash: number): number {
    let low = 0;
    let high = this.#hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const rings = new WeakMap<View, Ring>();

/** Views change far more often than who is placed in them: the rings of the last few memberships. */
const MAX_KNOWN_RINGS = 64;
const ringsByMembers = new Map<string, Ring>();

/** The ring over a view's placed members, built once for each view, and once for all views that place the same. */
export function ringOf(view: View): Ring {
  const known = rings.get(view);
  if (known !== undefined) return known;
  const placed = view.members.filter(isPlaced);
  const name = placed.map((member) => `${weightOf(member)} ${member.id}`).join("\n");
  const ring = ringsByMembers.get(name) ?? buildRing(placed);
  if (ringsByMembers.size >= MAX_KNOWN_RINGS) ringsByMembers.clear();
  ringsByMembers.set(name, ring);
  rings.set(view, ring);
  return ring;
}
