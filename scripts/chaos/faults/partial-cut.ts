/** Some pairs of nodes do not hear each other, while both hear the others. */

import type { FaultKind } from "../fault.js";
import { bothWays, type Cut, cutAll, cutsText } from "./cut-links.js";

const MOST_PAIRS = 3;

export const partialCut: FaultKind = {
  kind: "partial cut",
  needs: ["links"],
  isOnce: false,
  draw: (random, nodes) => {
    const pairs = new Map<string, readonly Cut[]>();
    const count = random.between(1, MOST_PAIRS);
    for (let draw = 0; draw < count; draw += 1) {
      const one = random.below(nodes);
      const other = (one + random.between(1, nodes - 1)) % nodes;
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      pairs.set(`${low} ${high}`, bothWays(low, high));
    }
    const cuts = [...pairs.values()].flat();
    return {
      kind: "partial cut",
      detail: cutsText(cuts),
      losesDisk: false,
      begin: ({ arena }) => cutAll(arena, cuts),
    };
  },
};
