/** `logmr query`: one question over files of this machine, in this process, or over a cluster with `--node`. */

import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { safeText } from "../../base/safe-text.js";
import type { JobPriority } from "../../job/request.js";
import type { ResultTable, ScanCounters } from "../../job/result.js";
import { monotonicMs } from "../../node/adapters/process/clock.js";
import { parseDuration } from "../durations.js";
import { CommandError, EXIT } from "../exit-codes.js";
import { expectHoldersOption, priorityOption } from "../job-options.js";
import { memoryOption } from "../memory-option.js";
import { noteIncomplete } from "../note-incomplete.js";
import { isOutputFormat, OUTPUT_FORMATS, type OutputFormat, printTable } from "../output/print-table.js";
import { parseTime } from "../parse-time.js";
import { ProgressBar } from "../progress-bar.js";
import { maxResultOption, refuseLargeAnswer } from "../result-cap.js";
import { wholeNumber } from "../whole-number.js";

interface QueryFlags {
  readonly node?: string;
  readonly format?: string;
  readonly output?: OutputFormat;
  readonly since?: string;
  readonly until?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly id?: string;
  readonly deadline?: number;
  readonly expectHolders?: number;
  readonly priority?: JobPriority;
  readonly maxResult?: number;
  readonly allowIncomplete: boolean;
  readonly explain: boolean;
  readonly quiet: boolean;
  readonly stats: boolean;
}

/** What `--stats` shows. */
interface RunStats {
  readonly counters: ScanCounters;
  readonly threads: number;
  readonly groups: number;
  readonly spilledBytes: number;
  readonly coverage: number;
}

const MAX_THREADS = 256;

export function queryCommand(): Command {
  return new Command("query")
    .description("answer a question over log files, or over a cluster's with --node")
    .argument("<sql>", "SELECT …; FROM may be left out, or name files or a cluster's sources")
    .argument("[files...]", 'log files: paths, directories, globs, "-" for standard input')
    .option("--node <host:port>", "ask a cluster through this node's gRPC address (default: $LOGMR_NODE without files)")
    .option("--format <format>", "the files' format: a name, or a template of nginx or Apache (default: detect)")
    .option(
      "--output <format>",
      `${OUTPUT_FORMATS.join(", ")} (default: table on a terminal, else ndjson)`,
      outputFormat,
    )
    .option("--since <time>", "only rows at or after: ISO 8601, epoch seconds, or how long ago (1h)")
    .option("--until <time>", "only rows before")
    .option("--threads <count>", "scanning threads (default: one a processor)", wholeNumber(1, MAX_THREADS))
    .addOption(memoryOption())
    .option("--id <key>", "client key of the job, with --node: the same key is the same job")
    .option(
      "--deadline <time>",
      "how long a job may wait for what is missing, with --node: 30s, 2h (default: 10m)",
      parseDuration,
    )
    .addOption(expectHoldersOption())
    .addOption(priorityOption())
    .addOption(maxResultOption("64MiB with --node, none without"))
    .option("--allow-incomplete", "take an answer that lacks files or ranges of them", false)
    .option("--explain", "show the plan, the files and what will be read; run nothing", false)
    .option("--quiet", "no notes and no progress", false)
    .option("--stats", "end stderr with one line of JSON about the run", false)
    .action(runQuery);
}

export function outputFormat(text: string): OutputFormat {
  if (isOutputFormat(text)) return text;
  throw new InvalidArgumentError(`It is one of ${OUTPUT_FORMATS.join(", ")}.`);
}

async function runQuery(sql: string, files: readonly string[], flags: QueryFlags): Promise<void> {
  const startedMs = monotonicMs();
  if (flags.node !== undefined && files.length > 0) {
    throw new CommandError(EXIT.usage, "--node asks a cluster and FILEs are of this machine: leave one of them out");
  }
  const node = flags.node ?? (files.length > 0 ? undefined : process.env.LOGMR_NODE || undefined);
  if (flags.explain) {
    await printTable(await explain(sql, files, node, flags), flags.output, process.stdout);
    return;
  }
  const stats = node === undefined ? await askFiles(sql, files, flags) : await askCluster(sql, node, flags);
  if (flags.stats) process.stderr.write(`${statsLine(stats, monotonicMs() - startedMs)}\n`);
}

async function explain(
  sql: string,
  files: readonly string[],
  node: string | undefined,
  flags: QueryFlags,
): Promise<ResultTable> {
  if (node !== undefined) {
    throw new CommandError(EXIT.usage, "--explain is for files of this machine; leave --node out and name FILEs");
  }
  const { explainEmbedded } = await import("../../node/embedded/explain.js");
  return explainEmbedded({
    sql,
    files,
    threads: flags.threads ?? availableParallelism(),
    ...timeRange(flags),
    ...(flags.format === undefined ? {} : { format: flags.format }),
  });
}

async function askFiles(sql: string, files: readonly string[], flags: QueryFlags): Promise<RunStats> {
  const { askEmbedded } = await import("../../node/embedded/embedded.js");
  const progress = new ProgressBar(process.stderr, flags.quiet);
  const options = {
    sql,
    files,
    allowIncomplete: flags.allowIncomplete,
    threads: flags.threads ?? availableParallelism(),
    ...timeRange(flags),
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.memory === undefined ? {} : { memoryBytes: flags.memory }),
    onProgress: (doneBytes: number, totalBytes: number | undefined) => progress.update(doneBytes, totalBytes),
  };
  try {
    return await askEmbedded(options, async ({ table, status, stats, notes }) => {
      refuseLargeAnswer(table, flags.maxResult);
      progress.clear();
      if (!flags.quiet) for (const note of notes) process.stderr.write(`logmr: ${safeText(note)}\n`);
      noteIncomplete(status);
      await printTable(table, flags.output, process.stdout);
      return { counters: table.counters, ...stats };
    });
  } finally {
    progress.clear();
  }
}

async function askCluster(sql: string, node: string, flags: QueryFlags): Promise<RunStats> {
  const { runOnCluster } = await import("../cluster-client.js");
  const { table, status, threads } = await runOnCluster({
    node,
    sql,
    allowIncomplete: flags.allowIncomplete,
    quiet: flags.quiet,
    countsThreads: flags.stats,
    ...timeRange(flags),
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.id === undefined ? {} : { id: flags.id }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.expectHolders === undefined ? {} : { expectHolders: flags.expectHolders }),
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    ...(flags.maxResult === undefined ? {} : { maxResultBytes: flags.maxResult }),
  });
  noteIncomplete(status);
  await printTable(table, flags.output, process.stdout);
  const { coverage } = status;
  return { counters: table.counters, threads, groups: table.rows.length, spilledBytes: 0, coverage };
}

function timeRange(flags: QueryFlags): { sinceMs?: number; untilMs?: number } {
  const nowMs = Date.now();
  return {
    ...(flags.since === undefined ? {} : { sinceMs: parseTime(flags.since, nowMs, "--since") }),
    ...(flags.until === undefined ? {} : { untilMs: parseTime(flags.until, nowMs, "--until") }),
  };
}

function statsLine({ counters, threads, groups, spilledBytes, coverage }: RunStats, elapsedMs: number): string {
  const { lines, bytes, unparsed, malformedFields } = counters;
  return JSON.stringify({
    lines,
    bytes,
    unparsed,
    malformedFields,
    elapsedMs: Math.round(elapsedMs),
    threads,
    groups,
    spilledBytes,
    coverage,
  });
}
