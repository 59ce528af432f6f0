/** Directed cuts, from the beginning to the end of a fault. */

import type { Arena } from "../arena.js";

/** From one node to another. */
export type Cut = readonly [from: number, to: number];

export const bothWays = (from: number, to: number): readonly Cut[] => [
  [from, to],
  [to, from],
];

export async function cutAll({ place }: Arena, cuts: readonly Cut[]): Promise<() => Promise<void>> {
  for (const [from, to] of cuts) await place.links?.cut(from, to);
  return async () => {
    for (const [from, to] of cuts) await place.links?.restore(from, to);
  };
}

export const cutsText = (cuts: readonly Cut[]): string => cuts.map(([from, to]) => `${from}→${to}`).join(" ");
