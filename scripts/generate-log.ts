/**
 * Writes a seeded, realistic access log of any size.
 *
 *     node dist/scripts/generate-log.js --bytes 1GiB --output access.log
 *     node dist/scripts/generate-log.js --lines 1000 --seed 7 --format json --output -
 */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { formatByteSize, parseByteSize } from "../src/base/byte-size.js";
import { LOG_FORMATS, type LogFormat } from "./generate-log/line-formats.js";
import { DEFAULT_LOG_OPTIONS, type LogLength, type LogOptions } from "./generate-log/log-generator.js";
import { writeBlocks, writeLogFile } from "./generate-log/write-log.js";

const HELP = `Usage: generate-log (--bytes SIZE | --lines N) --output FILE|- [options]

  --bytes SIZE         stop with the line that reaches it: 1GiB, 20MB, 4096
  --lines N            stop after so many lines
  --output FILE|-      where to write; - is stdout
  --seed N             the same seed and options give the same bytes (default ${DEFAULT_LOG_OPTIONS.seed})
  --format NAME        ${LOG_FORMATS.join(", ")} (default ${DEFAULT_LOG_OPTIONS.format})
  --broken-rate SHARE  lines that no parser can read, 0 to 1 (default ${DEFAULT_LOG_OPTIONS.brokenRate})
  --days N             how long the log spans (default ${DEFAULT_LOG_OPTIONS.days})
  --force              replace an existing FILE
`;

/** A flag that cannot be used as it was given; exits 2. */
class UsageError extends Error {}

interface Arguments {
  readonly options: LogOptions;
  readonly output: string;
  readonly force: boolean;
}

function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bytes: { type: "string" },
      lines: { type: "string" },
      output: { type: "string" },
      seed: { type: "string", default: String(DEFAULT_LOG_OPTIONS.seed) },
      format: { type: "string", default: DEFAULT_LOG_OPTIONS.format },
      "broken-rate": { type: "string", default: String(DEFAULT_LOG_OPTIONS.brokenRate) },
      days: { type: "string", default: String(DEFAULT_LOG_OPTIONS.days) },
      force: { type: "boolean", default: false },
    },
  });
  if (values.output === undefined) throw new UsageError("--output is missing: name a file, or - for stdout");
  const options = {
    length: lengthOf(values.bytes, values.lines),
    seed: numberOf("--seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
    format: formatOf(values.format),
    brokenRate: numberOf("--broken-rate", values["broken-rate"], 0, 1),
    days: numberOf("--days", values.days, 1 / 24, 3650),
  };
  return { options, output: values.output, force: values.force };
}

function lengthOf(bytes: string | undefined, lines: string | undefined): LogLength {
  if ((bytes === undefined) === (lines === undefined)) throw new UsageError("give either --bytes or --lines");
  if (lines !== undefined) return { lines: numberOf("--lines", lines, 0, Number.MAX_SAFE_INTEGER) };
  const size = parseByteSize(bytes ?? "");
  if (size === undefined) throw new UsageError(`--bytes ${bytes} is no size: write it like 1GiB, 20MB or 4096`);
  return { bytes: size };
}

function numberOf(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= low && value <= high)) {
    throw new UsageError(`${flag} ${text} is not a number from ${low} to ${high}`);
  }
  return value;
}

function formatOf(text: string): LogFormat {
  const format = LOG_FORMATS.find((name) => name === text);
  if (format === undefined) throw new UsageError(`--format ${text} is unknown: choose ${LOG_FORMATS.join(", ")}`);
  return format;
}

async function run({ options, output, force }: Arguments): Promise<void> {
  if (output === "-") {
    await writeBlocks(options, 1, () => undefined);
    return;
  }
  if (!force && existsSync(output)) throw new UsageError(`${output} exists: remove it, or add --force to replace it`);
  const { lines, bytes, brokenLines } = await writeLogFile(output, options, showProgress);
  const clear = process.stderr.isTTY ? "\r\u001b[K" : "";
  process.stderr.write(`${clear}${output}: ${lines} lines, ${formatByteSize(bytes)}, ${brokenLines} lines broken\n`);
}

function showProgress(doneBytes: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${formatByteSize(doneBytes)} written`);
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    process.stdout.write(HELP);
    return;
  }
  try {
    await run(parseArguments(process.argv.slice(2)));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EPIPE") process.exit(0);
    const usage = error instanceof UsageError || code.startsWith("ERR_PARSE_ARGS");
    process.stderr.write(`generate-log: ${error instanceof Error ? error.message : String(error)}\n`);
    if (usage) process.stderr.write(HELP);
    process.exit(usage ? 2 : 1);
  }
}

await main();
