/** One showing: three nodes, a job, one node killed in the middle of it, and the same question asked without a cluster. */

import { linkSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { JobState, type JobStatus } from "../../src/generated/logmr/v1/jobs.js";
import { SeededRandom } from "../generate-log/random.js";
import { ClusterView } from "./cluster-view.js";
import { DemoError, type LocalNode, runLogmr, startNode } from "./commands.js";
import type { Workspace } from "./workspace.js";

export interface Showing {
  readonly seed: number;
  /** A generated log; it is linked under several names, so that the job lasts long enough to be disturbed. */
  readonly log: string;
  readonly copies: number;
  readonly say: (text: string) => void;
}

const NODE_NAMES = ["anna", "bert", "cleo"] as const;
const QUESTION = (from: string): string =>
  `SELECT url, count(*) AS hits, sum(bytes) AS bytes FROM ${from} WHERE status < 500 ` +
  "GROUP BY url ORDER BY bytes DESC LIMIT 20";

const POLL_MS = 20;
const MEMBERS_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 30_000;
/** The kill comes when the job's coverage passes a point drawn between these. */
const EARLIEST_KILL = 0.1;
const LATEST_KILL = 0.5;

/** Whether the cluster's answer was the embedded one, byte for byte. Throws a {@link DemoError} if it cannot be shown. */
export async function showKilling(workspace: Workspace, { seed, log, copies, say }: Showing): Promise<boolean> {
  const random = new SeededRandom(seed);
  const logs = linkLogs(workspace, log, copies);
  say(`1. Three nodes start on this machine; all hold the same ${copies} log files as "web".`);
  const nodes = await startNodes(workspace, logs, say);
  const views = nodes.map((node) => new ClusterView(node));
  try {
    await meet(views, say);
    const [asked, doomed, witness] = castRoles(nodes, random);
    const jobId = await submit(asked, say);
    const point = EARLIEST_KILL + ((LATEST_KILL - EARLIEST_KILL) * random.below(1000)) / 1000;
    const reached = await coverageBeyond(point, views, jobId);
    await doomed.kill();
    say(`3. kill -9 of ${doomed.name} (pid ${doomed.pid}) while the job had covered ${percent(reached)}.`);
    const start = performance.now();
    say(`4. logmr result ${jobId} --node ${witness.grpc} (${witness.name}, which was not told about the job)`);
    const clustered = await runLogmr(["result", jobId, "--node", witness.grpc, "--output", "json"]);
    say(`   The answer came ${seconds(start)} after the kill.`);
    return await compareWithEmbedded(logs, clustered, say);
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    throw new DemoError([error.message, ...nodes.map((node) => node.report())].join("\n\n"));
  } finally {
    for (const view of views) view.close();
    for (const node of nodes) await node.kill();
  }
}

function linkLogs(workspace: Workspace, log: string, copies: number): string {
  const logs = join(workspace.directory, "logs");
  mkdirSync(logs);
  for (let copy = 1; copy <= copies; copy += 1)
    linkSync(log, join(logs, `access-${String(copy).padStart(3, "0")}.log`));
  return logs;
}

async function startNodes(
  workspace: Workspace,
  logs: string,
  say: (text: string) => void,
): Promise<readonly LocalNode[]> {
  const nodes: LocalNode[] = [];
  for (const name of NODE_NAMES) {
    const first = nodes[0];
    const node = await startNode(workspace, { name, logs, ...(first === undefined ? {} : { join: first.listen }) });
    nodes.push(node);
    const joined = first === undefined ? "" : ` --join ${first.listen}`;
    say(`   logmr-node --name ${name} --shared-logs web=logs --threads 1${joined}   (pid ${node.pid}, ${node.grpc})`);
  }
  return nodes;
}

async function meet(views: readonly ClusterView[], say: (text: string) => void): Promise<void> {
  const start = performance.now();
  for (;;) {
    const counts = await Promise.all(views.map((view) => view.aliveMembers()));
    if (counts.every((count) => count === views.length)) break;
    if (performance.now() - start > MEMBERS_TIMEOUT_MS) {
      throw new DemoError(`the nodes did not find each other: they see ${counts.join(", ")} members alive`);
    }
    await pause(POLL_MS);
  }
  say(`   Each sees the other two ${seconds(start)} after the last one was ready.`);
}

/** Who is asked, who is killed, and who is asked for the answer: three different nodes. */
function castRoles(nodes: readonly LocalNode[], random: SeededRandom): readonly [LocalNode, LocalNode, LocalNode] {
  const shift = random.below(nodes.length);
  const turn = random.below(2);
  const at = (index: number): LocalNode => {
    const node = nodes[(shift + index) % nodes.length];
    if (node === undefined) throw new DemoError("three nodes were started");
    return node;
  };
  return [at(0), at(1 + turn), at(2 - turn)];
}

async function submit(asked: LocalNode, say: (text: string) => void): Promise<string> {
  const sql = QUESTION("'web:*.log'");
  say(`2. logmr submit "${sql}" --node ${asked.grpc} (${asked.name})`);
  const jobId = (await runLogmr(["submit", sql, "--node", asked.grpc])).trim();
  say(`   The job is ${jobId}.`);
  return jobId;
}

/** Waits until some node reports more than `point` of the job covered; returns what it reported. */
async function coverageBeyond(point: number, views: readonly ClusterView[], jobId: string): Promise<number> {
  const start = performance.now();
  for (;;) {
    const statuses = await Promise.all(views.map((view) => view.status(jobId)));
    const known = statuses.filter((status): status is JobStatus => status !== undefined);
    if (known.some(({ state }) => state !== JobState.RUNNING)) {
      throw new DemoError("the job ended before anything could be killed: use a larger --size or more --copies");
    }
    const coverage = Math.max(0, ...known.map((status) => status.coverage));
    if (coverage >= point) return coverage;
    if (performance.now() - start > KILL_TIMEOUT_MS) {
      throw new DemoError(`the job did not get beyond ${percent(coverage)} in ${KILL_TIMEOUT_MS / 1000} s`);
    }
    await pause(POLL_MS);
  }
}

async function compareWithEmbedded(logs: string, clustered: string, say: (text: string) => void): Promise<boolean> {
  const files = readdirSync(logs).sort();
  say("5. The same question without a cluster: logmr query … logs/*.log");
  const embedded = await runLogmr([
    "query",
    QUESTION("logs"),
    ...files.map((file) => join(logs, file)),
    "--output",
    "json",
    "--quiet",
  ]);
  const equal = clustered === embedded;
  say(`   ${Buffer.byteLength(clustered)} and ${Buffer.byteLength(embedded)} bytes of JSON; first rows:`);
  for (const line of clustered.split("\n").slice(0, 4)) say(`     ${line}`);
  say(equal ? "   EQUAL, byte for byte." : `   NOT EQUAL. Without a cluster it is:\n${embedded.slice(0, 2000)}`);
  return equal;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
