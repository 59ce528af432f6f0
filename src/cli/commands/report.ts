/** `logmr report`: the access report of log files, for a terminal or as JSON. */

import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Command, Option } from "commander";
import { safeText } from "../../base/safe-text.js";
import { QueryError } from "../../engine/sql/query-error.js";
import { runEmbedded } from "../../node/embedded/embedded.js";
import { type InputFile, inspectInputs } from "../../node/embedded/inputs.js";
import { collectReport, type QueryAnswer, type QueryRunner } from "../../report/access-report.js";
import { renderJson } from "../../report/json-report.js";
import type { AccessReport } from "../../report/report-model.js";
import { renderTerminal } from "../../report/terminal-report.js";
import { CommandError, EXIT } from "../exit-codes.js";
import { memoryOption } from "../memory-option.js";
import { checkOutputFile, writeOutputFile } from "../output/output-file.js";
import { terminalColumns } from "../output/terminal-columns.js";
import { parseTime } from "../parse-time.js";
import { ProgressBar } from "../progress-bar.js";
import { wholeNumber } from "../whole-number.js";

interface ReportFlags {
  readonly output: "terminal" | "json";
  readonly o?: string;
  readonly top: number;
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly quiet: boolean;
}

const STDIN = "-";
const WIDTH_WITHOUT_TERMINAL = 80;
const MAX_TOP = 10_000;
const MAX_THREADS = 256;
/** The signals that end a process which does nothing about them, and how a shell shows each. */
const EXIT_AFTER_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export function reportCommand(): Command {
  return new Command("report")
    .description("shows the access report of log files: traffic, status codes, top URLs and hosts, dead links")
    .argument("<files...>", "files, globs, directories, or - for standard input")
    .addOption(new Option("--output <form>", "what to write").choices(["terminal", "json"]).default("terminal"))
    .option("-o <file>", "write to a file instead of standard output; it appears whole or not at all")
    .option("--top <count>", "rows of the rankings", wholeNumber(1, MAX_TOP), 10)
    .option("--format <name>", "the files' format (default: detect)")
    .option("--since <time>", "only rows at or after: ISO 8601, epoch seconds, or how long ago (1h)")
    .option("--until <time>", "only rows before")
    .option("--threads <count>", "scanning threads (default: one a processor)", wholeNumber(1, MAX_THREADS))
    .addOption(memoryOption())
    .option("--quiet", "no notes and no progress", false)
    .addHelpText(
      "after",
      "\nExamples:\n  logmr report access.log\n  logmr report /var/log/nginx --output json -o report.json",
    )
    .action(async (files: readonly string[], flags: ReportFlags) => {
      if (flags.o !== undefined) checkOutputFile(flags.o);
      const report = await reportOn(files, flags);
      const text = flags.output === "json" ? renderJson(report) : renderTerminal(report, terminalOf(flags));
      if (flags.o === undefined) process.stdout.write(text);
      else writeOutputFile(flags.o, text);
    });
}

/** A file gets no colours and the width of a pipe. */
function terminalOf(flags: ReportFlags): { readonly width: number; readonly colors: boolean } {
  const isTerminal = flags.o === undefined && process.stdout.isTTY;
  return {
    width: isTerminal ? terminalColumns(process.stdout) : WIDTH_WITHOUT_TERMINAL,
    colors: isTerminal && process.stdout.hasColors(),
  };
}

async function reportOn(files: readonly string[], flags: ReportFlags): Promise<AccessReport> {
  if (!files.includes(STDIN)) return await collect(files, files, flags);
  let directory: string | undefined;
  const discard = (): void => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", discard);
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => process.exit(code));
  directory = temporaryDirectory();
  try {
    const spooled = join(directory, "stdin.log");
    await pipeline(process.stdin, createWriteStream(spooled)).catch(refuseSpooling);
    const read = files.map((file) => (file === STDIN ? spooled : file));
    return await collect(files, read, flags);
  } finally {
    discard();
  }
}

function temporaryDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), "logmr-"));
  } catch (error) {
    return refuseSpooling(error);
  }
}

function refuseSpooling(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `cannot keep standard input in ${tmpdir()} for the passes over it: ${reason}; set TMPDIR`;
  throw new CommandError(EXIT.input, message, error);
}

async function collect(shown: readonly string[], read: readonly string[], flags: ReportFlags): Promise<AccessReport> {
  try {
    const inputs = await inspectInputs(read);
    return await collectReport(embeddedRunner(read, inputs, flags), { files: shown, top: flags.top });
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== "unknown-column") throw error;
    throw new CommandError(
      EXIT.input,
      'The report needs access logs, and these files have no known format of one: see "logmr detect", or say --format.',
      error,
    );
  }
}

/** Runs the queries one after the other, over the same bytes; the page cache keeps them between. */
function embeddedRunner(files: readonly string[], inputs: readonly InputFile[], flags: ReportFlags): QueryRunner {
  return async (queries) => {
    const range = timeRange(flags);
    const progress = new ProgressBar(process.stderr, flags.quiet);
    const answers: QueryAnswer[] = [];
    try {
      for (const [pass, sql] of queries.entries()) {
        const { table, stats, notes } = await runEmbedded({
          sql,
          files,
          inputs,
          threads: flags.threads ?? availableParallelism(),
          ...range,
          ...(flags.memory === undefined ? {} : { memoryBytes: flags.memory }),
          ...(flags.format === undefined ? {} : { format: flags.format }),
          onProgress: (doneBytes, totalBytes = 0) =>
            progress.update(pass * totalBytes + doneBytes, queries.length * totalBytes),
        });
        if (pass === 0 && !flags.quiet) for (const note of notes) process.stderr.write(`logmr: ${safeText(note)}\n`);
        answers.push({ table, groups: stats.groups });
      }
      return answers;
    } finally {
      progress.clear();
    }
  };
}

function timeRange(flags: ReportFlags): { sinceMs?: number; untilMs?: number } {
  const nowMs = Date.now();
  return {
    ...(flags.since === undefined ? {} : { sinceMs: parseTime(flags.since, nowMs, "--since") }),
    ...(flags.until === undefined ? {} : { untilMs: parseTime(flags.until, nowMs, "--until") }),
  };
}
