/** `logmr submit`: hands a query to a cluster and prints the job's id; with `--wait` the result instead. */

import { Command } from "commander";
import type { JobPriority } from "../../job/request.js";
import { awaitResult, type ClusterQuery, submitQuery, withNode } from "../cluster-client.js";
import { parseDuration } from "../durations.js";
import { expectHoldersOption, priorityOption } from "../job-options.js";
import { nodeOption } from "../listing.js";
import type { OutputFormat } from "../output/print-table.js";
import { parseTime } from "../parse-time.js";
import { maxResultOption } from "../result-cap.js";
import { wholeNumber } from "../whole-number.js";
import { outputFormat } from "./query.js";
import { printResult } from "./result.js";

interface SubmitFlags {
  readonly node?: string;
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
  readonly id?: string;
  readonly deadline?: number;
  readonly durability?: number;
  readonly expectHolders?: number;
  readonly priority?: JobPriority;
  readonly maxResult?: number;
  readonly allowIncomplete: boolean;
  readonly wait: boolean;
  readonly output?: OutputFormat;
  readonly quiet: boolean;
}

export function submitCommand(): Command {
  return new Command("submit")
    .description("submit a question to a cluster; prints the job's id")
    .argument("<sql>", "SELECT … FROM 'NAME:glob' …")
    .addOption(nodeOption())
    .option("--format <name>", "the files' format (default: detect)")
    .option("--since <time>", "only rows at or after: ISO 8601, epoch seconds, or how long ago (1h)")
    .option("--until <time>", "only rows before")
    .option("--id <key>", "client key: the same key with the same request is the same job, so that retries are safe")
    .option("--deadline <time>", "how long the job may wait for what is missing: 30s, 2h (default: 10m)", parseDuration)
    .option(
      "--durability <copies>",
      "nodes that must have the job on disk, or the submit fails",
      wholeNumber(1, MAX_COPIES),
    )
    .addOption(expectHoldersOption())
    .addOption(priorityOption())
    .addOption(maxResultOption())
    .option("--allow-incomplete", "take an answer that lacks files", false)
    .option("--wait", "wait for the job and print its result", false)
    .option("--output <format>", "of the result with --wait (default: table on a terminal, else ndjson)", outputFormat)
    .option("--quiet", "no progress", false)
    .action(runSubmit);
}

const MAX_COPIES = 16;

async function runSubmit(sql: string, flags: SubmitFlags): Promise<void> {
  await withNode(flags.node, async (client) => {
    const { jobId, copies } = await submitQuery(client, queryOf(sql, client.address, flags));
    if (copies === 0) process.stderr.write(uncopiedNote(jobId));
    if (!flags.wait) {
      process.stdout.write(`${jobId}\n`);
      return;
    }
    await printResult(await awaitResult(client, jobId, flags.quiet), flags.output);
  });
}

/** A job that runs and that a crash of its node would lose. */
const uncopiedNote = (jobId: string): string =>
  `logmr: job ${jobId} runs, but no disk has taken it yet: those of the nodes that keep it are full, failing or slow. ` +
  "Its node keeps trying (see copies in logmr status JOB); until then it is lost when that node ends. Give the disks " +
  "room, or submit with --durability N, which is refused where N nodes cannot write it down\n";

function queryOf(sql: string, node: string, flags: SubmitFlags): ClusterQuery {
  const nowMs = Date.now();
  return {
    node,
    sql,
    allowIncomplete: flags.allowIncomplete,
    quiet: flags.quiet,
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.since === undefined ? {} : { sinceMs: parseTime(flags.since, nowMs, "--since") }),
    ...(flags.until === undefined ? {} : { untilMs: parseTime(flags.until, nowMs, "--until") }),
    ...(flags.id === undefined ? {} : { id: flags.id }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.durability === undefined ? {} : { durability: flags.durability }),
    ...(flags.expectHolders === undefined ? {} : { expectHolders: flags.expectHolders }),
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    ...(flags.maxResult === undefined ? {} : { maxResultBytes: flags.maxResult }),
  };
}
