/** A partition: two groups that do not hear each other at all. */

import type { FaultKind } from "../fault.js";
import { bothWays, cutAll } from "./cut-links.js";

export const splitNetwork: FaultKind = {
  kind: "partition",
  needs: ["links"],
  isOnce: false,
  draw: (random, nodes) => {
    const numbers = Array.from({ length: nodes }, (_, number) => number);
    const size = random.between(1, Math.floor(nodes / 2));
    const side: number[] = [];
    while (side.length < size) {
      const number = random.below(nodes);
      if (!side.includes(number)) side.push(number);
    }
    const others = numbers.filter((number) => !side.includes(number));
    const cuts = side.flatMap((one) => others.flatMap((other) => bothWays(one, other)));
    return {
      kind: "partition",
      detail: `${side.join(", ")} from ${others.join(", ")}`,
      losesDisk: false,
      begin: ({ arena }) => cutAll(arena, cuts),
    };
  },
};
