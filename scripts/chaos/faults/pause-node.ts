/** SIGSTOP and SIGCONT, several times: a process that is frozen, swapped out, or moved to another machine. */

import { setTimeout as pause } from "node:timers/promises";
import { drawVictim, type FaultKind, victimOf, victimText } from "../fault.js";

const PAUSES_MS = [50, 2_500] as const;
const RUNS_MS = [20, 400] as const;
const MOST_BURSTS = 6;

export const pauseNode: FaultKind = {
  kind: "SIGSTOP",
  needs: ["processes"],
  isOnce: false,
  draw: (random, nodes) => {
    const victim = drawVictim(random, nodes);
    const bursts = Array.from({ length: random.between(1, MOST_BURSTS) }, () => ({
      pausedMs: random.between(...PAUSES_MS),
      runningMs: random.between(...RUNS_MS),
    }));
    return {
      kind: "SIGSTOP",
      detail: `${victimText(victim)}, ${bursts.map(({ pausedMs }) => pausedMs).join(" and ")} ms`,
      losesDisk: false,
      begin: async (scene) => {
        const node = victimOf(victim, scene);
        let isEnded = false;
        const burst = async (): Promise<void> => {
          for (const { pausedMs, runningMs } of bursts) {
            if (isEnded) return;
            node?.pause();
            await pause(pausedMs);
            node?.resume();
            await pause(runningMs);
          }
        };
        const running = burst();
        return async () => {
          isEnded = true;
          await running;
        };
      },
    };
  },
};
