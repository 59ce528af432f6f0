/** A link that carries packets one way only: from one node to another, to all, or from all. */

import type { FaultKind } from "../fault.js";
import { type Cut, cutAll, cutsText } from "./cut-links.js";

export const oneWayCut: FaultKind = {
  kind: "one-way cut",
  needs: ["links"],
  isOnce: false,
  draw: (random, nodes) => {
    const one = random.below(nodes);
    const other = (one + random.between(1, nodes - 1)) % nodes;
    const others = Array.from({ length: nodes }, (_, number) => number).filter((number) => number !== one);
    const all = random.below(3);
    const cuts: readonly Cut[] =
      all === 0 ? [[one, other]] : all === 1 ? others.map((to) => [one, to]) : others.map((from) => [from, one]);
    return {
      kind: "one-way cut",
      detail: cutsText(cuts),
      losesDisk: false,
      begin: ({ arena }) => cutAll(arena, cuts),
    };
  },
};
