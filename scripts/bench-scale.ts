/**
 * Measures how a cluster scales: nodes that are limited to a share of a core each, so that 1, 2, 4 and 8 of them on one
 * machine show what as many machines would; fixed and growing work, shared and private files, a small and a large
 * group-by, nodes that join in mid-job; and one thread, one node and several beside tools without a cluster. Exit code 1
 * if a bar does not hold. Needs Linux and the right to make control groups.
 *
 *     npm run bench:scale -- --quick
 */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseByteSize } from "../src/base/byte-size.js";
import { packageRoot } from "../src/base/package-root.js";
import { Inputs as BenchInputs } from "./bench/inputs.js";
import { BenchError } from "./bench/measure.js";
import { installEngines } from "./bench/peers.js";
import { type CostFigure, costOf } from "./bench-scale/cost.js";
import { CpuGroupError, CpuGroups } from "./bench-scale/cpu-groups.js";
import { doubling } from "./bench-scale/doubling.js";
import { cutLog, logsParent } from "./bench-scale/input-files.js";
import { type Inputs, manyGroups, type Outcome, privateFiles, SIZES, sharedFiles } from "./bench-scale/parts.js";
import { plotsOf, type ScalingReport, terminalReport, withFigures } from "./bench-scale/scaling-report.js";
import { NODES } from "./bench-scale/series.js";
import { shareGiven } from "./bench-scale/spare-cores.js";
import { Workspace } from "./demo/workspace.js";

const MEASUREMENTS: Readonly<Record<string, (inputs: Inputs) => Promise<Outcome>>> = {
  shared: sharedFiles,
  private: privateFiles,
  groups: manyGroups,
  doubling,
};
const PART_NAMES = [...Object.keys(MEASUREMENTS), "cost"];

const HELP = `Usage: npm run bench:scale -- [options]

  --quick         small logs and few trials: shows that it works, not how fast
  --only PART     ${PART_NAMES.join(", ")}; may be repeated
  --nodes N,…     sizes of the clusters (default ${SIZES}); one node is what others are told beside
  --share CORES   of a core for each of ${NODES} nodes (default 0.22)
  --trials N      trials of each median, at least (default 5)
  --size SIZE     of the log that is asked about (default 1GiB), generated and kept in .cache/bench
  --output DIR    where to write figures.json, the plots and scaling.md (default: docs, where all parts are measured)
`;

const WARM_UP_BYTES = 32 * 1024 ** 2;
const QUICK_SHARE = 1 / 16;
const CACHE = join(packageRoot(), ".cache/bench");

const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Options {
  readonly isQuick: boolean;
  readonly parts: readonly string[];
  readonly sizes: readonly number[];
  readonly share: number;
  readonly trials: number;
  readonly sizeBytes: number;
  readonly output: string | undefined;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      nodes: { type: "string", default: SIZES.join(",") },
      share: { type: "string", default: "0.22" },
      trials: { type: "string" },
      size: { type: "string", default: "1GiB" },
      output: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const sizeBytes = parseByteSize(values.size);
  if (sizeBytes === undefined) throw new BenchError(`--size ${values.size} is no size: write it like 1GiB`);
  const share = Number(values.share);
  const most = availableParallelism() / NODES;
  if (!(share > 0 && share <= most)) {
    throw new BenchError(
      `--share ${values.share}: ${NODES} nodes on this machine get more than 0 and up to ${most} of a core`,
    );
  }
  const parts = values.only ?? PART_NAMES;
  const unknown = parts.find((part) => !PART_NAMES.includes(part));
  if (unknown !== undefined) throw new BenchError(`--only ${unknown}: there are ${PART_NAMES.join(", ")}`);
  const sizes = SIZES.filter((size) => values.nodes.split(",").includes(`${size}`));
  if (sizes.length !== values.nodes.split(",").length || sizes[0] !== 1) {
    throw new BenchError(`--nodes ${values.nodes}: 1 and others of ${SIZES}, separated by commas`);
  }
  const isWhole = values.only === undefined && !values.quick && sizes.length === SIZES.length;
  const trials = Number(values.trials ?? (values.quick ? 1 : 5));
  if (!(Number.isInteger(trials) && trials >= 1)) throw new BenchError("--trials is a whole number from 1");
  const output = values.output ?? (isWhole ? join(packageRoot(), "docs") : undefined);
  return { isQuick: values.quick, parts, sizes, share, trials, sizeBytes, output };
}

/** What nodes keep lies on the disk; their logs in memory, where there is a place for that. */
interface Workspaces {
  readonly nodes: Workspace;
  readonly logs: Workspace;
}

const say = (text: string): void => void process.stderr.write(`${text} …\n`);

async function measure(options: Options, workspaces: Workspaces, groups: CpuGroups): Promise<ScalingReport> {
  const scale = options.isQuick ? QUICK_SHARE : 1;
  const log = await new BenchInputs(CACHE, Math.round(options.sizeBytes * scale)).prepare("combined");
  const warmUpBytes = Math.round(WARM_UP_BYTES * Math.max(scale, 1 / 4));
  const warmUpLog = await new BenchInputs(CACHE, warmUpBytes).prepare("combined");
  const files = cutLog(log, warmUpLog, workspaces.logs);
  const machine = { workspace: workspaces.nodes, groups, share: options.share };
  const inputs: Inputs = { machine, files, trials: options.trials, sizes: options.sizes, say };
  const given = await shareGiven(groups, options.share, NODES);
  const outcomes: Outcome[] = [];
  for (const [name, run] of Object.entries(MEASUREMENTS)) {
    if (options.parts.includes(name)) outcomes.push(await run(inputs));
  }
  let cost: readonly CostFigure[] = [];
  if (options.parts.includes("cost")) {
    const engines = installEngines(say);
    const whole = join(workspaces.logs.directory, "whole.log");
    copyFileSync(log, whole);
    cost = await costOf({ machine, log: whole, files, rounds: Math.min(options.trials, 3), engines, say });
  }
  return {
    conditions: {
      processor: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}`,
      "cores for each node": options.share,
      [`of which ${NODES} busy loops at once got`]: `${(100 * given).toFixed(0)} %`,
      Node: process.version,
    },
    series: outcomes.flatMap(({ series }) => series),
    bars: outcomes.flatMap(({ bars }) => bars),
    cost,
  };
}

function writeReport(directory: string, report: ScalingReport): void {
  const figures = join(directory, "scaling");
  mkdirSync(figures, { recursive: true });
  writeFileSync(join(figures, "figures.json"), `${JSON.stringify(report, null, 2)}\n`);
  for (const [name, svg] of Object.entries(plotsOf(report))) writeFileSync(join(figures, name), svg);
  const page = readFileSync(join(packageRoot(), "docs/scaling.md"), "utf8");
  writeFileSync(join(directory, "scaling.md"), withFigures(page, report));
}

async function main(): Promise<void> {
  const options = parseOptions();
  mkdirSync(CACHE, { recursive: true });
  const groups = CpuGroups.open(`logmr-scale-${process.pid}`);
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => process.exit(code));
  process.once("exit", () => groups.clear());
  const workspaces = { nodes: new Workspace(CACHE), logs: new Workspace(logsParent(CACHE)) };
  try {
    const report = await measure(options, workspaces, groups);
    process.stdout.write(terminalReport(report));
    if (options.output !== undefined) writeReport(options.output, report);
    process.exitCode = options.isQuick || report.bars.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    groups.clear();
    workspaces.nodes.clear();
    workspaces.logs.clear();
  }
}

try {
  await main();
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof BenchError) && !(error instanceof CpuGroupError) && !usage) throw error;
  process.stderr.write(`bench:scale: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
