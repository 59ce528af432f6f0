/** `logmr status`: how far a job is, once or until its end; without a job, all that the node remembers. */

import { Command } from "commander";
import type { JobStatus } from "../../job/status.js";
import type { RoamingClient } from "../../node/adapters/grpc/roaming-client.js";
import { withNode } from "../cluster-client.js";
import { CommandError, EXIT } from "../exit-codes.js";
import { JOB_COLUMNS } from "../job-listing.js";
import { type ListingFormat, listingOutputOption, listingText, nodeOption } from "../listing.js";
import { LiveStatus } from "../live-status.js";

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
    .option(
      "--follow",
      "show how it goes until it ends: on a terminal a live view, else a line of JSON a change",
      false,
    )
    .action(runStatus);
}

async function runStatus(job: string | undefined, flags: StatusFlags): Promise<void> {
  if (job === undefined && flags.follow)
    throw new CommandError(EXIT.usage, "--follow needs a job: status JOB --follow");
  await withNode(flags.node, async (client) => {
    if (job === undefined) {
      process.stdout.write(listingText(await client.jobs(), JOB_COLUMNS, flags.output, process.stdout));
    } else if (flags.follow) await follow(client, job, flags.output);
    else show(await client.status(job), flags.output, false);
  });
}

/** On a terminal a live view; otherwise every change. */
async function follow(client: RoamingClient, job: string, format: ListingFormat | undefined): Promise<void> {
  if (format === undefined && process.stdout.isTTY) await new LiveStatus(client, job, process.stdout).follow();
  else await client.watch(job, (status) => show(status, format, true));
}

/** One object; one line each when more will follow. */
function show(status: JobStatus, format: ListingFormat | undefined, isOneOfMany: boolean): void {
  const chosen = format ?? (process.stdout.isTTY ? "table" : "json");
  if (chosen === "json") {
    process.stdout.write(`${JSON.stringify(status, undefined, isOneOfMany ? undefined : 2)}\n`);
  } else process.stdout.write(listingText([status], JOB_COLUMNS, "table", process.stdout));
}
