/** `logmr cancel`: stops a job; one that has ended stays as it is. */

import { Command } from "commander";
import { withNode } from "../cluster-client.js";
import { nodeOption } from "../listing.js";

export function cancelCommand(): Command {
  return new Command("cancel")
    .description("stop a job")
    .argument("<job>", "the job's id")
    .addOption(nodeOption())
    .action(async (job: string, flags: { readonly node?: string }) => {
      const status = await withNode(flags.node, (client) => client.cancel(job));
      process.stdout.write(`${status.state}\n`);
    });
}
