/** The live log grows, line by line or by many lines at once, for as long as the fault lasts. */

import { setTimeout as pause } from "node:timers/promises";
import type { FaultKind } from "../fault.js";

const BYTES = [500, 60_000] as const;
const EVERY_MS = [30, 300] as const;

export const appendLog: FaultKind = {
  kind: "append",
  needs: ["processes"],
  isOnce: false,
  draw: (random) => {
    const [bytes, everyMs] = [random.between(...BYTES), random.between(...EVERY_MS)];
    return {
      kind: "append",
      detail: `${bytes} bytes every ${everyMs} ms`,
      losesDisk: false,
      begin: async ({ liveLog }) => {
        let isEnded = false;
        const write = async (): Promise<void> => {
          while (!isEnded) {
            liveLog.append(bytes);
            await pause(everyMs);
          }
        };
        const writing = write();
        return async () => {
          isEnded = true;
          await writing;
        };
      },
    };
  },
};
