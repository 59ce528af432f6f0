/** Parts of all groups by their hash: what one node merges of a value that is too large for one. */

import type { NodeId } from "../base/ids.js";
import type { Vertex } from "./tree.js";

/** The groups whose hash begins with these bits; all of them for no bits. */
export interface HashPart {
  readonly bits: number;
  readonly prefix: number;
}

/** A value is cut into 2^10 parts at most. */
export const MAX_PART_BITS = 10;

/** All parts of so many bits: together they are the whole, and no two have a common group. */
export const hashParts = (bits: number): readonly HashPart[] =>
  Array.from({ length: 2 ** bits }, (_, prefix) => ({ bits, prefix }));

export function isHashPart({ bits, prefix }: HashPart): boolean {
  const isWhole = Number.isInteger(bits) && Number.isInteger(prefix);
  return isWhole && bits >= 0 && bits <= MAX_PART_BITS && prefix >= 0 && prefix < 2 ** bits;
}

/** What a node knows of a partial without looking at its rows. */
export interface PartialSize {
  readonly bytes: number;
  readonly groups: number;
  /** What tells the partial from any other one of its vertex: slices of two bases do not belong together. */
  readonly basis: string;
}

/** A vertex whose partial lies finished at a node, as a part of a value that is too large to be sent whole. */
export interface FinishedVertex extends PartialSize {
  readonly vertex: Vertex;
  readonly node: NodeId;
}
