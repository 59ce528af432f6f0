/** A power cut: every node at once. */

import type { FaultKind } from "../fault.js";

export const killAll: FaultKind = {
  kind: "power cut",
  needs: ["processes"],
  isOnce: true,
  draw: () => ({
    kind: "power cut",
    detail: "every node",
    losesDisk: false,
    begin: async ({ arena }) => {
      await Promise.all(arena.nodes.map((node) => node.kill()));
      return async () => void (await Promise.all(arena.nodes.map((node) => node.start())));
    },
  }),
};
