/**
 * Shows what logmr is for: three nodes answer a question about logs that they share, one of them is killed in the middle,
 * and the answer is the same, byte for byte. Leaves nothing running and nothing behind but the generated log.
 *
 *     npm run demo -- --runs 10
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatByteSize, parseByteSize } from "../src/base/byte-size.js";
import { packageRoot } from "../src/base/package-root.js";
import { DemoError } from "./demo/commands.js";
import { showKilling } from "./demo/killing.js";
import { Workspace } from "./demo/workspace.js";
import { DEFAULT_LOG_OPTIONS } from "./generate-log/log-generator.js";
import { ensureLog } from "./generate-log/write-log.js";

const HELP = `Usage: npm run demo -- [options]

  --size SIZE    bytes of the generated log, kept in .cache/demo between runs (default 256MiB)
  --copies N     names under which the nodes see it, so that the job lasts (default 12)
  --runs N       showings one after the other, each with a fresh cluster (default 1)
  --seed N       decides who is asked, who is killed and when (default 1); run r uses seed + r - 1
`;

interface Options {
  readonly sizeBytes: number;
  readonly copies: number;
  readonly runs: number;
  readonly seed: number;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      size: { type: "string", default: "256MiB" },
      copies: { type: "string", default: "12" },
      runs: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const sizeBytes = parseByteSize(values.size);
  if (sizeBytes === undefined) throw new DemoError(`--size ${values.size} is no size: write it like 256MiB`);
  return {
    sizeBytes,
    copies: wholeNumber("--copies", values.copies, 1),
    runs: wholeNumber("--runs", values.runs, 1),
    seed: wholeNumber("--seed", values.seed, 0),
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new DemoError(`${flag} ${text} is not a whole number from ${least}`);
  return value;
}

const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<boolean> {
  const { sizeBytes, copies, runs, seed } = parseOptions();
  const options = { ...DEFAULT_LOG_OPTIONS, length: { bytes: sizeBytes } };
  say(`A generated access log of ${formatByteSize(sizeBytes)}, seen ${copies} times.\n`);
  const directory = join(packageRoot(), ".cache/demo");
  const log = await ensureLog(directory, options, () => undefined);
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => process.exit(code));
  let equal = 0;
  for (let run = 1; run <= runs; run += 1) {
    if (runs > 1) say(`── run ${run} of ${runs}, seed ${seed + run - 1} ──`);
    const workspace = new Workspace(directory);
    try {
      if (await showKilling(workspace, { seed: seed + run - 1, log, copies, say })) equal += 1;
    } finally {
      workspace.clear();
    }
    say("");
  }
  say(`${equal} of ${runs} answers were equal, each with a node killed.`);
  return equal === runs;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof DemoError) && !usage) throw error;
  process.stderr.write(`demo: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
