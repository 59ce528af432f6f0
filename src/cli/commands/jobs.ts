/** `logmr jobs`: the jobs that a node remembers. */

import { Command } from "commander";
import { withNode } from "../cluster-client.js";
import { JOB_COLUMNS } from "../job-listing.js";
import { type ListingFormat, listingOutputOption, listingText, nodeOption } from "../listing.js";

export function jobsCommand(): Command {
  return new Command("jobs")
    .description("the jobs that a node remembers")
    .addOption(nodeOption())
    .addOption(listingOutputOption())
    .action(async (flags: { readonly node?: string; readonly output?: ListingFormat }) => {
      const jobs = await withNode(flags.node, (client) => client.jobs());
      process.stdout.write(listingText(jobs, JOB_COLUMNS, flags.output, process.stdout));
    });
}
