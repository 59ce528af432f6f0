/**
 * Many clients, many jobs, on nodes of this machine: how many jobs get done, how long calls take, whether memory grows,
 * whether clients are served alike; then more jobs at once than a node takes. Exit code 1 if a bar does not hold.
 *
 *     npm run load -- --minutes 1
 */

import { linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { formatByteSize } from "../src/base/byte-size.js";
import { packageRoot } from "../src/base/package-root.js";
import { protocolWith } from "../src/cluster/protocol.js";
import { BenchError } from "./bench/measure.js";
import { sizeOption } from "./bench/size-option.js";
import { textTable } from "./bench/text-table.js";
import { WarmCluster } from "./bench-cluster/warm-cluster.js";
import { Workspace } from "./demo/workspace.js";
import { DEFAULT_LOG_OPTIONS } from "./generate-log/log-generator.js";
import { ensureLog } from "./generate-log/write-log.js";
import { type Burst, runBurst } from "./load/burst.js";
import { runLoad } from "./load/clients.js";
import { MemoryWatch } from "./load/memory-watch.js";
import { fairnessOf, type Percentiles, Tally } from "./load/tally.js";

const HELP = `Usage: npm run load -- [options]

  --minutes N    how long clients submit (default 10)
  --clients N    each with a connection of its own (default 50)
  --jobs N       under way at a time, of all clients (default 200)
  --nodes N      with one thread each (default 3)
  --size SIZE    of the log, which all nodes share (default 2MB), generated and kept in .cache/bench
  --json         print one JSON object, with memory over time, instead of tables
`;

const WARM_UP_MS = 60_000;
const MOST_GROWTH = 1.1;
const MOST_STATUS_MS = 500;
/** Within which every node answers again after too many jobs. */
const RECOVERY_MS = 30_000;
const SAY_EVERY_MS = 10_000;
/** Beyond what a node takes, in the burst at the end. */
const TOO_MANY = 100;

const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Options {
  readonly minutes: number;
  readonly clients: number;
  readonly jobs: number;
  readonly nodes: number;
  readonly sizeBytes: number;
  readonly json: boolean;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      clients: { type: "string", default: "50" },
      jobs: { type: "string", default: "200" },
      nodes: { type: "string", default: "3" },
      size: { type: "string", default: "2MB" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const sizeBytes = sizeOption(values.size);
  const whole = (flag: "clients" | "jobs" | "nodes"): number => {
    const value = Number(values[flag]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new BenchError(`--${flag} ${values[flag]} is not a whole number from 1`);
  };
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new BenchError(`--minutes ${values.minutes} is not a number above 0`);
  const { json } = values;
  return { minutes, clients: whole("clients"), jobs: whole("jobs"), nodes: whole("nodes"), sizeBytes, json };
}

interface Outcome {
  readonly tally: Tally;
  readonly seconds: number;
  readonly memory: MemoryWatch;
  readonly burst: Burst;
  /** Nodes that answer after all that. */
  readonly alive: number;
}

async function measure(options: Options, workspace: Workspace): Promise<Outcome> {
  const log = await ensureLog(
    join(packageRoot(), ".cache/bench"),
    { ...DEFAULT_LOG_OPTIONS, length: { bytes: options.sizeBytes } },
    () => undefined,
  );
  const cluster = new WarmCluster(workspace, "load", 1);
  linkSync(log, join(cluster.logs, "access.log"));
  for (let node = 0; node < options.nodes; node += 1) await cluster.start();
  await cluster.settle();
  const addresses = cluster.nodes.map(({ grpc }) => grpc);
  const memory = new MemoryWatch(cluster.nodes.map(({ pid }) => pid));
  const tally = new Tally(options.clients);
  const startMs = performance.now();
  const saying = setInterval(() => sayProgress(tally, startMs), SAY_EVERY_MS);
  try {
    const { clients, jobs, minutes } = options;
    await runLoad({ nodes: addresses, clients, jobs, durationMs: minutes * 60_000 }, tally);
    memory.stop();
    const seconds = (performance.now() - startMs) / 1000;
    sayProgress(tally, startMs);
    process.stderr.write("now more jobs than a node takes\n");
    const burst = await runBurst(addresses[0] ?? "", protocolWith().activeJobs + TOO_MANY);
    return { tally, seconds, memory, burst, alive: await aliveSoon(cluster) };
  } finally {
    clearInterval(saying);
    memory.stop();
    await cluster.kill();
  }
}

/** Members that the first node sees alive, as soon as it is all of them; a node that was late may be suspected first. */
async function aliveSoon(cluster: WarmCluster): Promise<number> {
  const endMs = performance.now() + RECOVERY_MS;
  for (;;) {
    const members = await cluster.client.members();
    const alive = members.filter(({ state }) => state === "alive").length;
    if (alive === cluster.nodes.length || performance.now() > endMs) return alive;
    await pause(RECOVERY_MS / 100);
  }
}

function sayProgress(tally: Tally, startMs: number): void {
  const seconds = (performance.now() - startMs) / 1000;
  const { status, submit } = tally.takeRecent();
  const slowest = (calls: Percentiles | undefined): string =>
    calls === undefined ? "-" : `${calls.p99.toFixed(0)} ms`;
  process.stderr.write(
    `${seconds.toFixed(0)} s: ${tally.jobs} jobs done, ${tally.refused} refused, ${tally.errorCount} errors; p99 since: status ${slowest(status)}, submit ${slowest(submit)}\n`,
  );
}

interface Bar {
  readonly name: string;
  readonly bar: string;
  readonly figure: string;
  readonly holds: boolean;
}

function barsOf({ tally, memory, burst, alive }: Outcome, { nodes }: Options): readonly Bar[] {
  const statusMs = tally.latencies().status?.p99 ?? Number.NaN;
  const growth = memory.growthSince(WARM_UP_MS);
  const errors = tally.errorCount;
  return [
    { name: "errors but admission", bar: "none", figure: `${errors}`, holds: errors === 0 },
    {
      name: "99 of 100 calls of GetStatus take",
      bar: `≤ ${MOST_STATUS_MS} ms`,
      figure: `${statusMs.toFixed(0)} ms`,
      holds: statusMs <= MOST_STATUS_MS,
    },
    {
      name: "memory of the node that grew most, over that after a minute",
      bar: `≤ ${MOST_GROWTH}`,
      figure: Number.isNaN(growth)
        ? "too short to say"
        : `${growth.toFixed(2)} (${memory.residentGrowthSince(WARM_UP_MS).toFixed(2)} with pages of files)`,
      holds: Number.isNaN(growth) || growth <= MOST_GROWTH,
    },
    {
      name: "jobs beyond what a node takes are refused, nothing else fails",
      bar: `≥ ${TOO_MANY} refused`,
      figure: `${burst.refused} refused, ${burst.accepted} taken`,
      holds: burst.refused >= TOO_MANY && burst.errors.length === 0,
    },
    { name: "nodes that are alive after that", bar: `${nodes}`, figure: `${alive}`, holds: alive === nodes },
  ];
}

function report(outcome: Outcome, options: Options, bars: readonly Bar[]): string {
  const { tally, seconds, memory, burst } = outcome;
  const { clients, jobs, nodes } = options;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const summary = [
    ["clients, jobs at a time, nodes", `${clients}, ${jobs}, ${nodes}`],
    ["jobs done", `${tally.jobs}`],
    ["jobs a second", (tally.jobs / seconds).toFixed(1)],
    ["refused for lack of room", `${tally.refused}`],
    ["evenness among clients (Jain)", fairnessOf(tally.finished).toFixed(3)],
    ["jobs of a client, least and most", `${Math.min(...tally.finished)}, ${Math.max(...tally.finished)}`],
    ["most memory of a node, without pages of files", formatByteSize(memory.mostBytes)],
    ["most memory of a node, with pages of its store and programs", formatByteSize(memory.mostResidentBytes)],
    ["submitting too many jobs at once", `${burst.submitSeconds.toFixed(0)} s`],
    ["cancelling those that were taken", `${burst.cancelSeconds.toFixed(0)} s`],
  ];
  const latencies = Object.entries(tally.latencies()).map(([name, { count, p50, p90, p99, most }]) => [
    name,
    `${count}`,
    ...[p50, p90, p99, most].map(ms),
  ]);
  const errors = [...tally.errors, ...burst.errors].map((message) => `error: ${message}\n`).join("");
  return [
    textTable(["load", ""], summary),
    textTable(["call", "times", "p50", "p90", "p99", "most"], latencies),
    textTable(
      ["", "bar", "measured", ""],
      bars.map(({ name, bar, figure, holds }) => [name, bar, figure, holds ? "holds" : "broken"]),
    ),
    errors,
  ].join("\n\n");
}

async function main(): Promise<void> {
  const options = parseOptions();
  const cache = join(packageRoot(), ".cache/bench");
  mkdirSync(cache, { recursive: true });
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => process.exit(code));
  const workspace = new Workspace(cache);
  try {
    const outcome = await measure(options, workspace);
    const bars = barsOf(outcome, options);
    const { tally, seconds, memory, burst } = outcome;
    const figures = {
      ...options,
      seconds,
      jobs: tally.jobs,
      refused: tally.refused,
      latencies: tally.latencies(),
      finished: tally.finished,
      memoryMebibytes: memory.series(),
      burst,
      bars,
    };
    process.stdout.write(
      options.json ? `${JSON.stringify(figures, null, 2)}\n` : `${report(outcome, options, bars)}\n`,
    );
    process.exitCode = bars.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    workspace.clear();
  }
}

try {
  await main();
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof BenchError) && !usage) throw error;
  process.stderr.write(`load: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
