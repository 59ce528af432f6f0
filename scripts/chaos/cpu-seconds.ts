/** What a run costs. */

import { existsSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second here, on every machine. */
const TICKS_PER_SECOND = 100;
const STAT = "/proc/self/stat";

/** Processor time of this process and of all that it started and saw end; undefined where the kernel does not say. */
export function cpuSeconds(): number | undefined {
  if (!existsSync(STAT)) return undefined;
  const stat = readFileSync(STAT, "utf8");
  // The 14th to the 17th field: user and system time, of the process and of its children.
  const times = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  return times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND;
}
