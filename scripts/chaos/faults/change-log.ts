/** The live log is rotated, truncated or rewritten, as tools and people do. */

import type { FaultKind } from "../fault.js";
import type { LiveLog } from "../live-log.js";

const BYTES = [2_000, 400_000] as const;

const CHANGES: Readonly<Record<string, (log: LiveLog, bytes: number) => void>> = {
  rotation: (log, bytes) => log.rotate(bytes),
  truncation: (log, bytes) => log.copyTruncate(bytes),
  rewrite: (log) => log.rewrite(),
};

export const changeLog: FaultKind = {
  kind: "rotation",
  needs: ["processes"],
  isOnce: false,
  draw: (random) => {
    const names = Object.keys(CHANGES);
    const name = names[random.below(names.length)] ?? "";
    const bytes = random.between(...BYTES);
    return {
      kind: "rotation",
      detail: name,
      losesDisk: false,
      begin: async ({ liveLog }) => {
        CHANGES[name]?.(liveLog, bytes);
        return async () => undefined;
      },
    };
  },
};
