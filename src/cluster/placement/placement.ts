/** Who computes the vertices of one job, in which order of preference, for one view. */

import type { NodeId } from "../../base/ids.js";
import { ringHash } from "../../base/ring-hash.js";
import { type HashPart, hashParts } from "../../job/hash-part.js";
import { type Manifest, type ManifestFile, treeShapeOf } from "../../job/manifest.js";
import {
  bytesOf,
  childrenOf,
  filesOf,
  isSpan,
  rangeOf,
  rootOf,
  spansOf,
  type TreeShape,
  type Vertex,
  vertexName,
} from "../../job/tree.js";
import type { Member, View } from "../member.js";
import { computes, isPlaced, ringOf, weightOf } from "./ring.js";

/** No member is given more than this times its weighted share of the bytes that it can read, but for one span. */
export const LOAD_BOUND = 1.25;

/** Shares are sums of fractions: what should be a whole number of spans may come out a hair above it. */
const ROUNDING = 1e-9;

/** Who may own spans that the same members can read. */
interface Owners {
  readonly members: readonly Member[];
  readonly ids: ReadonlySet<NodeId>;
  readonly weight: number;
}

export class Placement {
  readonly #manifest: Manifest;
  readonly #shape: TreeShape;
  readonly #view: View;
  readonly #doubtful: ReadonlySet<NodeId>;
  /** Members that compute what the manifest asks for. */
  readonly #able: ReadonlySet<NodeId>;
  readonly #eligible = new Map<string, readonly Member[]>();
  readonly #ownersOf = new Map<readonly Member[], Owners>();
  readonly #owners: ReadonlyMap<string, NodeId>;
  /** Of each part, by how many bits tell the parts apart. */
  readonly #ownersOfParts = new Map<number, readonly (NodeId | undefined)[]>();

  constructor(manifest: Manifest, view: View) {
    this.#manifest = manifest;
    this.#shape = treeShapeOf(manifest);
    this.#view = view;
    const isDoubtful = (member: Member): boolean => member.state === "suspect" || member.demoted === true;
    this.#doubtful = new Set(view.members.filter(isDoubtful).map((member) => member.id));
    const able = view.members.filter(computes(manifest.semanticsVersion));
    this.#able = new Set(able.map((member) => member.id));
    this.#owners = this.#assignSpans();
  }

  /** The member that starts a span unasked; undefined while nobody can read it. */
  ownerOf(span: Vertex): NodeId | undefined {
    return this.#owners.get(vertexName(span));
  }

  /** The spans that one member owns, in manifest order. */
  spansOwnedBy(member: NodeId): readonly Vertex[] {
    return spansOf(this.#shape, rootOf(this.#shape)).filter((span) => this.ownerOf(span) === member);
  }

  /**
   * Whom to ask for a vertex, in order; the doubtful last, none while nobody can. A span: its owner, then the other eligible
   * holders in ring order. A higher vertex: the owner of its first child, then everyone in ring order.
   */
  candidatesOf(vertex: Vertex): readonly NodeId[] {
    const order = this.#ringOrder(vertex);
    if (isSpan(this.#shape, vertex)) {
      const eligible = new Set(this.#eligibleFor(vertex).map((member) => member.id));
      const owner = this.ownerOf(vertex);
      return this.#doubtfulLast(
        preferring(
          owner,
          order.filter((id) => eligible.has(id)),
        ),
      );
    }
    return this.#doubtfulLast(preferring(this.#firstOwner(vertex), order));
  }

  /**
   * Whom to ask for a part of all groups: the first member on the ring from the part's place that has not got its share of
   * the parts yet, then everyone in ring order; the doubtful last.
   */
  candidatesOfPart(part: HashPart): readonly NodeId[] {
    return this.#doubtfulLast(preferring(this.#partOwners(part.bits)[part.prefix], this.#partOrder(part)));
  }

  #partOwners(bits: number): readonly (NodeId | undefined)[] {
    const known = this.#ownersOfParts.get(bits);
    if (known !== undefined) return known;
    const parts = hashParts(bits);
    const able = this.#view.members.filter((member) => this.#isAble(member) && !this.#doubtful.has(member.id));
    const weights = able.reduce((sum, member) => sum + weightOf(member), 0);
    const room = new Map(able.map((member) => [member.id, Math.ceil((parts.length * weightOf(member)) / weights)]));
    const owners = parts.map((part) => {
      const owner = this.#partOrder(part).find((id) => (room.get(id) ?? 0) > 0);
      if (owner !== undefined) room.set(owner, (room.get(owner) ?? 0) - 1);
      return owner;
    });
    this.#ownersOfParts.set(bits, owners);
    return owners;
  }

  #partOrder({ bits, prefix }: HashPart): readonly NodeId[] {
    const order = ringOf(this.#view).orderFrom(ringHash(`${this.#manifest.jobId}\0part\0${bits}\0${prefix}`));
    return order.filter((id) => this.#able.has(id));
  }

  /** Files that no placed member can read, as indices into the manifest. */
  unreadableFiles(): readonly number[] {
    return this.#manifest.files.flatMap((file, index) => (this.#holders(file).length === 0 ? [index] : []));
  }

  #firstOwner(vertex: Vertex): NodeId | undefined {
    let first = vertex;
    while (!isSpan(this.#shape, first)) {
      const child = childrenOf(this.#shape, first)[0];
      if (child === undefined) return undefined;
      first = child;
    }
    return this.ownerOf(first);
  }

  #ringOrder(vertex: Vertex): readonly NodeId[] {
    const order = ringOf(this.#view).orderFrom(this.#placeOf(vertex));
    return order.filter((id) => this.#able.has(id));
  }

  /** Where on the ring a vertex lies. */
  #placeOf(vertex: Vertex): number {
    const { first } = filesOf(this.#shape, vertex);
    const file = this.#manifest.files[first];
    const start = vertex.kind === "range" ? rangeOf(vertex, file?.scanSize ?? 0).start : 0;
    return ringHash(`${file?.source}\0${file?.path}\0${start}`);
  }

  #doubtfulLast(order: readonly NodeId[]): readonly NodeId[] {
    if (this.#doubtful.size === 0) return order;
    return [...order.filter((id) => !this.#doubtful.has(id)), ...order.filter((id) => this.#doubtful.has(id))];
  }

  #eligibleFor(span: Vertex): readonly Member[] {
    const file = this.#manifest.files[filesOf(this.#shape, span).first];
    return file === undefined ? this.#view.members.filter((member) => this.#isAble(member)) : this.#holders(file);
  }

  /** Suspects, and nodes that say they are slow, own nothing that anybody else can read. Once for all spans of a group. */
  #ownersFor(span: Vertex): Owners {
    const eligible = this.#eligibleFor(span);
    const known = this.#ownersOf.get(eligible);
    if (known !== undefined) return known;
    const alive = eligible.filter((member) => !this.#doubtful.has(member.id));
    const members = alive.length > 0 ? alive : eligible;
    const weight = members.reduce((sum, member) => sum + weightOf(member), 0);
    const owners = { members, ids: new Set(members.map(({ id }) => id)), weight };
    this.#ownersOf.set(eligible, owners);
    return owners;
  }

  /** A shared source: whoever offers the name as shared. A private one: the file's node. */
  #holders(file: ManifestFile): readonly Member[] {
    const group = `${file.source}\0${file.node ?? ""}`;
    const known = this.#eligible.get(group);
    if (known !== undefined) return known;
    const able = this.#view.members.filter((member) => this.#isAble(member));
    const holders = able.filter((member) => holds(member, file, this.#view.self));
    this.#eligible.set(group, holders);
    return holders;
  }

  #isAble(member: Member): boolean {
    return isPlaced(member) && this.#able.has(member.id);
  }

  /** Gives every span to its first eligible holder on the ring whose load has room. */
  #assignSpans(): ReadonlyMap<string, NodeId> {
    const ring = ringOf(this.#view);
    const spans = spansOf(this.#shape, rootOf(this.#shape));
    const room = this.#capacities(spans);
    const owners = new Map<string, NodeId>();
    for (const span of spans) {
      const { ids } = this.#ownersFor(span);
      const place = this.#placeOf(span);
      const bytes = bytesOf(this.#shape, span);
      const owner =
        ring.firstFrom(place, (id) => ids.has(id) && (room.get(id) ?? 0) >= bytes) ??
        ring.firstFrom(place, (id) => ids.has(id));
      if (owner === undefined) continue;
      room.set(owner, (room.get(owner) ?? 0) - bytes);
      owners.set(vertexName(span), owner);
    }
    return owners;
  }

  /** Bytes each member may be given: its bounded share, rounded up to whole spans. */
  #capacities(spans: readonly Vertex[]): Map<NodeId, number> {
    const bytesOfOwners = new Map<Owners, number>();
    let largest = 0;
    for (const span of spans) {
      const bytes = bytesOf(this.#shape, span);
      largest = Math.max(largest, bytes);
      const owners = this.#ownersFor(span);
      bytesOfOwners.set(owners, (bytesOfOwners.get(owners) ?? 0) + bytes);
    }
    const shares = new Map<NodeId, number>();
    for (const [{ members, weight }, bytes] of bytesOfOwners) {
      for (const member of members) {
        shares.set(member.id, (shares.get(member.id) ?? 0) + (bytes * weightOf(member)) / weight);
      }
    }
    for (const [id, share] of shares) shares.set(id, Math.ceil((LOAD_BOUND * share) / largest - ROUNDING) * largest);
    return shares;
  }
}

const placements = new WeakMap<View, WeakMap<Manifest, Placement>>();

/** The placement of a manifest in a view, computed once for each pair. */
export function placementOf(manifest: Manifest, view: View): Placement {
  const ofView = placements.get(view) ?? new WeakMap<Manifest, Placement>();
  placements.set(view, ofView);
  const placement = ofView.get(manifest) ?? new Placement(manifest, view);
  ofView.set(manifest, placement);
  return placement;
}

function holds(member: Member, file: ManifestFile, self: NodeId): boolean {
  if (file.source === "") return member.id === self;
  if (file.node !== null) return member.id === file.node;
  return member.sources.some((offer) => offer.shared && offer.name === file.source);
}

function preferring(first: NodeId | undefined, order: readonly NodeId[]): readonly NodeId[] {
  if (first === undefined || !order.includes(first)) return order;
  return [first, ...order.filter((id) => id !== first)];
}
