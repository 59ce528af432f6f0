/** Whether a machine has the processor time that its control groups promise: others may need it, or there is too little. */

import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { median } from "../bench/measure.js";
import type { CpuGroups } from "./cpu-groups.js";

const SETTLE_MS = 500;
const MEASURE_MS = 3_000;

/** The share of its share that the median one of so many busy loops gets while all of them run. */
export async function shareGiven(groups: CpuGroups, share: number, count: number): Promise<number> {
  const loops = Array.from({ length: count }, (_, index) => {
    const group = groups.create(`loop-${index}`);
    group.limit(share);
    const child = spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" });
    if (child.pid !== undefined) group.adopt(child.pid);
    return { group, child };
  });
  try {
    await pause(SETTLE_MS);
    const startMs = performance.now();
    const before = loops.map(({ group }) => group.cpuSeconds());
    await pause(MEASURE_MS);
    const elapsedMs = performance.now() - startMs;
    return median(
      loops.map(({ group }, index) => (1000 * (group.cpuSeconds() - (before[index] ?? 0))) / (elapsedMs * share)),
    );
  } finally {
    for (const { child } of loops) child.kill("SIGKILL");
  }
}
