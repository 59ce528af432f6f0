/** `logmr detect`: which format each file has, and which share of its lines parsed. */

import { Command, InvalidArgumentError } from "commander";
import { NO_COUNTERS, type ResultTable } from "../../job/result.js";
import { printTable } from "../output/print-table.js";

type DetectOutput = "table" | "json";

export function detectCommand(): Command {
  return new Command("detect")
    .description("which format each file has, and how many of its lines parse")
    .argument("<files...>", 'log files: paths, directories, globs, "-" for standard input')
    .option("--output <format>", "table or json", detectOutput, "table")
    .action(async (files: readonly string[], flags: { readonly output: DetectOutput }) => {
      const table = await detectedTable(files);
      await printTable(flags.output === "json" ? withoutReason(table) : table, flags.output, process.stdout);
    });
}

function detectOutput(text: string): DetectOutput {
  if (text === "table" || text === "json") return text;
  throw new InvalidArgumentError("It is table or json.");
}

/** The format is judged by the beginning of a file; the counts are of the whole file, which is scanned once. */
async function detectedTable(files: readonly string[]): Promise<ResultTable> {
  const { expandInputs } = await import("../../node/embedded/inputs.js");
  const { runEmbedded } = await import("../../node/embedded/embedded.js");
  const { shortName } = await import("../../engine/formats/formats.js");
  const rows: (readonly [string, string, bigint, bigint, string])[] = [];
  for (const path of await expandInputs(files)) {
    const answer = await runEmbedded({ sql: "SELECT count(*) FROM logs", files: [path] });
    const { lines, unparsed } = answer.table.counters;
    const { format = "plain", reason } = answer.files[0] ?? {};
    rows.push([path, shortName(format), BigInt(lines), BigInt(lines - unparsed), reason?.() ?? ""]);
  }
  const columns = [
    { name: "file", type: "string" },
    { name: "format", type: "string" },
    { name: "lines", type: "i64" },
    { name: "parsed", type: "i64" },
    { name: "reason", type: "string" },
  ] as const;
  return { columns, rows, counters: NO_COUNTERS };
}

/** What programs read; reasons are for people. */
function withoutReason({ columns, rows, counters }: ResultTable): ResultTable {
  return { columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)), counters };
}
