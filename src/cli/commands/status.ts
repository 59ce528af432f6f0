/** `logmr status`: how far a job is, once or until its end; without a job, all that the node remembers. */

import { Command } from "commander";
import type { JobStatus } from "../../job/status.js";
import { withNode } from "../cluster-client.js";
import { CommandError, EXIT } from "../exit-codes.js";
import { JOB_COLUMNS } from "../job-listing.js";
import { type ListingFormat, listingOutputOption, listingText, nodeOption } from "../listing.js";

interface StatusFlags {
  readonly node?: string;
  readonly output?: ListingFormat;
  readonly follow: boolean;
}

export function statusCommand(): Command {
  return new Command("status")
    .description("how far a job is")
    .argument("[job]", "the job's id; all jobs that the node remembers when left out")
    .addOption(nodeOption())
    .addOption(listingOutputOption())
    .option("--follow", "show every change until the job ends", false)
    .action(runStatus);
}

async function runStatus(job: string | undefined, flags: StatusFlags): Promise<void> {
  if (job === undefined && flags.follow)
    throw new CommandError(EXIT.usage, "--follow needs a job: status JOB --follow");
  await withNode(flags.node, async (client) => {
    if (job === undefined) {
      process.stdout.write(listingText(await client.jobs(), JOB_COLUMNS, flags.output, process.stdout));
    } else if (flags.follow) await client.watch(job, (status) => show(status, flags.output, true));
    else show(await client.status(job), flags.output, false);
  });
}

/** One object; one line each when more will follow. */
function show(status: JobStatus, format: ListingFormat | undefined, isOneOfMany: boolean): void {
  const chosen = format ?? (process.stdout.isTTY ? "table" : "json");
  if (chosen === "json") {
    process.stdout.write(`${JSON.stringify(status, undefined, isOneOfMany ? undefined : 2)}\n`);
  } else process.stdout.write(listingText([status], JOB_COLUMNS, "table", process.stdout));
}
