/** `logmr members`: the cluster as a node sees it. */

import { Command } from "commander";
import type { Member } from "../../cluster/member.js";
import { withNode } from "../cluster-client.js";
import { type ListingColumn, type ListingFormat, listingOutputOption, listingText, nodeOption } from "../listing.js";

const COLUMNS: readonly ListingColumn<Member>[] = [
  { name: "name", type: "string", value: (member) => member.name },
  { name: "state", type: "string", value: (member) => member.state },
  { name: "listen", type: "string", value: (member) => member.listen },
  { name: "grpc", type: "string", value: (member) => member.grpc },
  { name: "threads", type: "i64", value: (member) => BigInt(member.threads) },
  { name: "zone", type: "string", value: (member) => member.zone },
  { name: "sources", type: "string", value: (member) => member.sources.map(({ name }) => name).join(" ") },
  { name: "semantics", type: "i64", value: (member) => BigInt(member.semanticsVersion) },
  { name: "id", type: "string", value: (member) => member.id },
];

const byName = (left: Member, right: Member): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

export function membersCommand(): Command {
  return new Command("members")
    .description("the cluster as a node sees it")
    .addOption(nodeOption())
    .addOption(listingOutputOption())
    .action(async (flags: { readonly node?: string; readonly output?: ListingFormat }) => {
      const members = [...(await withNode(flags.node, (client) => client.members()))].sort(byName);
      process.stdout.write(listingText(members, COLUMNS, flags.output, process.stdout));
    });
}
