/** Four nodes become eight in the middle of a job: how much faster it gets on. */

import { setTimeout as pause } from "node:timers/promises";
import { ALL_FILES, sharedSource } from "./input-files.js";
import { mapHeavy } from "./jobs.js";
import type { LimitedCluster } from "./limited-cluster.js";
import { atLeast, type Inputs, type Outcome } from "./parts.js";
import { NODES, startClusters } from "./series.js";

const FIRST_NODES = NODES / 2;
/** For the job to be planned and every thread to be at work. */
const UNDER_WAY_MS = 3_000;
/** The rate is that of so long a time; the last one ends ten seconds after the last ready line. */
const WINDOW_MS = 4_000;
const IN_TIME_MS = 10_000;

export async function doubling({ machine, files, say }: Inputs): Promise<Outcome> {
  say(`${FIRST_NODES} nodes become ${NODES} in mid-job`);
  const source = sharedSource(files);
  const [cluster, ...others] = await startClusters(machine, source, FIRST_NODES, mapHeavy);
  for (const other of others) await other.kill();
  if (cluster === undefined) return { series: [], bars: [] };
  try {
    const job = await cluster.submit(mapHeavy(ALL_FILES));
    await pause(UNDER_WAY_MS);
    const before = await rateOf(cluster);
    await Promise.all(Array.from({ length: FIRST_NODES }, () => cluster.start()));
    cluster.limit();
    await pause(IN_TIME_MS - WINDOW_MS);
    const after = await rateOf(cluster);
    // A job that has ended says nothing of the rate.
    const { state } = await cluster.client.status(job);
    await cluster.client.cancel(job);
    if (state !== "RUNNING") {
      say("the job ended before its rate with all nodes was known: a larger --size shows it");
      return { series: [], bars: [] };
    }
    const name = `rate with ${NODES} nodes beside ${FIRST_NODES}, ${IN_TIME_MS / 1000} s after they joined in mid-job`;
    return { series: [], bars: [atLeast(name, after / before, 1.8)] };
  } finally {
    await cluster.kill();
  }
}

/** Bytes a millisecond that the nodes read of their logs. */
async function rateOf(cluster: LimitedCluster): Promise<number> {
  const startMs = performance.now();
  const before = cluster.bytesRead();
  await pause(WINDOW_MS);
  return (cluster.bytesRead() - before) / (performance.now() - startMs);
}
