/** A node at the end of a thin line: a token bucket each way. */

import type { FaultKind } from "../fault.js";

const BITS_PER_SECOND = [200_000, 1_000_000, 10_000_000] as const;

export const slowLink: FaultKind = {
  kind: "slow link",
  needs: ["links"],
  isOnce: true,
  draw: (random, nodes) => {
    const node = random.below(nodes);
    const bitsPerSecond = BITS_PER_SECOND[random.below(BITS_PER_SECOND.length)] ?? BITS_PER_SECOND[0];
    return {
      kind: "slow link",
      detail: `node ${node}, ${bitsPerSecond / 1000} kbit/s`,
      losesDisk: false,
      begin: async ({ arena: { place } }) => {
        await place.links?.slow(node, bitsPerSecond);
        return async () => void (await place.links?.unslow(node));
      },
    };
  },
};
