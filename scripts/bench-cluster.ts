/**
 * Measures the cluster's bars on this machine: nodes on loopback, a connected client, a table of bar and figure. Exit code 1
 * if one does not hold. Needs /proc, for the bytes that nodes read.
 *
 *     npm run bench:cluster -- --size 256MiB --only small
 */

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/base/package-root.js";
import { BenchError } from "./bench/measure.js";
import { sizeOption } from "./bench/size-option.js";
import { textTable } from "./bench/text-table.js";
import { type Figure, type Inputs, joining, largeLog, restart, smallJob } from "./bench-cluster/bars.js";
import { Workspace } from "./demo/workspace.js";
import { DEFAULT_LOG_OPTIONS } from "./generate-log/log-generator.js";
import { ensureLog } from "./generate-log/write-log.js";

const BARS: Readonly<Record<string, (inputs: Inputs) => Promise<readonly Figure[]>>> = {
  small: smallJob,
  large: largeLog,
  restart,
  joining,
};

const HELP = `Usage: npm run bench:cluster -- [options]

  --size SIZE   bytes of the large log, generated and kept in .cache/bench (default 1GiB)
  --log FILE    an access log to take instead
  --runs N      rounds; the median is shown (default 5)
  --threads N   threads of a lone node and of logmr query (default 2)
  --only BAR    ${Object.keys(BARS).join(", ")}
`;

const SMALL_BYTES = 10_000_000;

const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      size: { type: "string", default: "1GiB" },
      log: { type: "string" },
      runs: { type: "string", default: "5" },
      threads: { type: "string", default: "2" },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const sizeBytes = sizeOption(values.size);
  const [runs, threads] = [Number(values.runs), Number(values.threads)];
  if (!(runs >= 1 && threads >= 1)) throw new BenchError("--runs and --threads are whole numbers from 1");
  if (values.only !== undefined && BARS[values.only] === undefined) {
    throw new BenchError(`--only ${values.only}: there are ${Object.keys(BARS).join(", ")}`);
  }
  if (!existsSync("/proc/self/io")) throw new BenchError("the bytes that nodes read are known on Linux only");
  return { sizeBytes, log: values.log, runs, threads, only: values.only };
}

async function main(): Promise<void> {
  const { sizeBytes, log, runs, threads, only } = parseOptions();
  const cache = join(packageRoot(), ".cache/bench");
  mkdirSync(cache, { recursive: true });
  const generate = (bytes: number): Promise<string> =>
    ensureLog(cache, { ...DEFAULT_LOG_OPTIONS, length: { bytes } }, () => undefined);
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => process.exit(code));
  const workspace = new Workspace(cache);
  try {
    const smallLog = await generate(SMALL_BYTES);
    const inputs = { workspace, smallLog, largeLog: log ?? (await generate(sizeBytes)), runs, threads };
    const figures: Figure[] = [];
    for (const [name, measure] of Object.entries(BARS)) {
      if (only !== undefined && only !== name) continue;
      process.stderr.write(`${name} …\n`);
      figures.push(...(await measure(inputs)));
    }
    const rows = figures.map(({ name, bar, figure, holds }) => [name, bar, figure, holds ? "holds" : "broken"]);
    process.stdout.write(`${textTable(["", "bar", "measured", ""], rows)}\n`);
    process.exitCode = figures.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    workspace.clear();
  }
}

try {
  await main();
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof BenchError) && !usage) throw error;
  process.stderr.write(`bench:cluster: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
