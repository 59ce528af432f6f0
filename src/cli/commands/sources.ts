/** `logmr sources`: the log files that a cluster offers, and who holds them. */

import { Command } from "commander";
import { safeText } from "../../base/safe-text.js";
import { withNode } from "../cluster-client.js";
import { type ListingColumn, type ListingFormat, listingOutputOption, listingText, nodeOption } from "../listing.js";

interface ListedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** Names of the nodes that offer it. */
  readonly holders: readonly string[];
  readonly format: string;
  readonly shared: boolean;
  /** Bytes at the end that a query leaves out for now. */
  readonly tailBytes: number;
}

const COLUMNS: readonly ListingColumn<ListedFile>[] = [
  { name: "name", type: "string", value: (file) => file.name },
  { name: "path", type: "string", value: (file) => file.path },
  { name: "bytes", type: "i64", value: (file) => BigInt(file.bytes) },
  { name: "format", type: "string", value: (file) => file.format },
  { name: "shared", type: "bool", value: (file) => file.shared },
  { name: "holders", type: "string", value: (file) => file.holders.join(" ") },
];

export function sourcesCommand(): Command {
  return new Command("sources")
    .description("the log files that a cluster offers, and who holds them")
    .addOption(nodeOption())
    .addOption(listingOutputOption())
    .action(async (flags: { readonly node?: string; readonly output?: ListingFormat }) => {
      const { files, unreachable } = await withNode(flags.node, (client) => client.sources());
      const listed = files.map(
        ({ name, path, bytes, holders, format, shared, tailBytes }): ListedFile => ({
          name,
          path,
          bytes: Number(bytes),
          holders,
          format,
          shared,
          tailBytes: Number(tailBytes),
        }),
      );
      process.stdout.write(listingText(listed, COLUMNS, flags.output, process.stdout));
      for (const name of unreachable) {
        process.stderr.write(
          `logmr: not all holders of ${safeText(name)} answered: files may be missing here; logmr members says who is dead\n`,
        );
      }
    });
}
