/** `logmr result`: the answer of a job; waits for a running one. */

import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import type { ResultTable } from "../../job/result.js";
import { isTerminal, type JobStatus } from "../../job/status.js";
import { awaitResult, withNode } from "../cluster-client.js";
import { EXIT } from "../exit-codes.js";
import { nodeOption } from "../listing.js";
import { noteIncomplete } from "../note-incomplete.js";
import { type OutputFormat, printTable } from "../output/print-table.js";
import { outputFormat } from "./query.js";

/** How often a preview on a terminal is drawn anew. */
const REFRESH_MS = 1000;
/** Moves the cursor to the top left and clears the screen below it. */
const CLEAR_SCREEN = "\x1b[H\x1b[J";

interface ResultFlags {
  readonly node?: string;
  readonly preview: boolean;
  readonly output?: OutputFormat;
  readonly quiet: boolean;
}

export function resultCommand(): Command {
  return new Command("result")
    .description("the answer of a job; waits for a running one")
    .argument("<job>", "the job's id, as submit printed it")
    .addOption(nodeOption())
    .option(
      "--output <format>",
      "table, json, ndjson, csv, markdown (default: table on a terminal, else ndjson)",
      outputFormat,
    )
    .option("--preview", "what there is of the answer now; on a terminal every second, until the job ends", false)
    .option("--quiet", "no progress", false)
    .action(async (job: string, flags: ResultFlags) => {
      if (flags.preview) return await showPreviews(job, flags);
      const answer = await withNode(flags.node, (client) => awaitResult(client, job, flags.quiet));
      await printResult(answer, flags.output);
    });
}

/** Once, or on a terminal again and again; the result itself once the job has ended. */
async function showPreviews(job: string, flags: ResultFlags): Promise<void> {
  await withNode(flags.node, async (client) => {
    for (;;) {
      const answer = await client.result(job, true);
      const isOver = isTerminal(answer.status.state);
      if (process.stdout.isTTY) process.stdout.write(CLEAR_SCREEN);
      await printResult(answer, flags.output);
      if (isOver || !process.stdout.isTTY) return;
      await setTimeout(REFRESH_MS);
      process.exitCode = EXIT.done;
    }
  });
}

/** Prints a table; one that is a preview or lacks files says so on stderr and by the exit code. */
export async function printResult(
  { table, status }: { readonly table: ResultTable; readonly status: JobStatus },
  format: OutputFormat | undefined,
): Promise<void> {
  await printTable(table, format, process.stdout);
  noteIncomplete(status);
}
