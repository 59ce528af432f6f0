/** `logmr result`: the answer of a job; waits for a running one. */

import { Command } from "commander";
import type { ResultTable } from "../../job/result.js";
import type { JobStatus } from "../../job/status.js";
import { awaitResult, withNode } from "../cluster-client.js";
import { nodeOption } from "../listing.js";
import { noteIncomplete } from "../note-incomplete.js";
import { type OutputFormat, printTable } from "../output/print-table.js";
import { outputFormat } from "./query.js";

interface ResultFlags {
  readonly node?: string;
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
    .option("--quiet", "no progress", false)
    .action(async (job: string, flags: ResultFlags) => {
      const answer = await withNode(flags.node, (client) => awaitResult(client, job, flags.quiet));
      await printResult(answer, flags.output);
    });
}

/** Prints a table; one that lacks files says so on stderr and by the exit code. */
export async function printResult(
  { table, status }: { readonly table: ResultTable; readonly status: JobStatus },
  format: OutputFormat | undefined,
): Promise<void> {
  await printTable(table, format, process.stdout);
  noteIncomplete(status);
}
