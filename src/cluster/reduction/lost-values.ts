/**
 * Values that the store had when a fetch looked, and had no longer when they were to be merged: a bit flipped, an IO error,
 * an eviction. They are fetched anew, from whoever has them or by computing them.
 */

import type { VertexKey } from "../../base/ids.js";
import type { VertexFetch } from "./vertex-fetch.js";

/** A store that loses what it says that it has more often than this is taken for broken. */
export const MOST_LOSSES = 3;

export const lostDetail = (keys: readonly VertexKey[]): string =>
  `the store lost the value of vertex ${keys.join(", ")} ${MOST_LOSSES + 1} times; see to the disk of this node's data directory`;

/** The same fetches, with new ones in the place of those whose values were lost. */
export const refetched = (fetches: readonly VertexFetch[], lost: readonly VertexKey[]): readonly VertexFetch[] =>
  fetches.map((fetch) => (lost.includes(fetch.key) ? fetch.anew() : fetch));
