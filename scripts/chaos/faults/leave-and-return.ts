/** A restart as an operator does it: the node leaves the cluster with SIGTERM, and comes back. */

import { drawVictim, type FaultKind, victimOf, victimText } from "../fault.js";

export const leaveAndReturn: FaultKind = {
  kind: "restart",
  needs: ["processes"],
  isOnce: false,
  draw: (random, nodes) => {
    const victim = drawVictim(random, nodes);
    return {
      kind: "restart",
      detail: victimText(victim),
      losesDisk: false,
      begin: async (scene) => {
        const node = victimOf(victim, scene);
        const left = node?.leave();
        return async () => {
          await left;
          await node?.start();
        };
      },
    };
  },
};
