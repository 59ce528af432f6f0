/** `kill -9`, at any moment or at a meaningful one; the node is started again later. */

import { drawVictim, type FaultKind, victimOf, victimText } from "../fault.js";

export const killNode: FaultKind = {
  kind: "kill -9",
  needs: ["processes"],
  isOnce: false,
  draw: (random, nodes) => {
    const victim = drawVictim(random, nodes);
    return {
      kind: "kill -9",
      detail: victimText(victim),
      losesDisk: false,
      begin: async (scene) => {
        const node = victimOf(victim, scene);
        await node?.kill();
        return async () => void (await node?.start());
      },
    };
  },
};
