/** A sixth node joins in the middle of it all, and leaves again. */

import type { FaultKind } from "../fault.js";

export const lateJoin: FaultKind = {
  kind: "late join",
  needs: ["processes"],
  isOnce: true,
  draw: (random) => {
    const isKilled = random.chance(0.3);
    return {
      kind: "late join",
      detail: isKilled ? "killed in the end" : "leaves in the end",
      losesDisk: false,
      begin: async ({ arena: { joiner } }) => {
        await joiner.start();
        return () => (isKilled ? joiner.kill() : joiner.leave());
      },
    };
  },
};
