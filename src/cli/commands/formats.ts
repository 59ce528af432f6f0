/** `logmr formats`: the known formats and their fields. */

import { Command } from "commander";
import { FORMATS, SAMPLED_FORMATS } from "../../engine/formats/formats.js";
import { NO_COUNTERS, type ResultTable } from "../../job/result.js";
import { OUTPUT_FORMATS, type OutputFormat, printTable } from "../output/print-table.js";
import { outputFormat } from "./query.js";

export function formatsCommand(): Command {
  return new Command("formats")
    .description("the known formats and their fields")
    .option(
      "--output <format>",
      `${OUTPUT_FORMATS.join(", ")} (default: table on a terminal, else ndjson)`,
      outputFormat,
    )
    .action(async (flags: { readonly output?: OutputFormat }) => {
      await printTable(formatsTable(), flags.output, process.stdout);
    });
}

/** A row for each field of each format; one for a format whose fields depend on the file. */
export function formatsTable(): ResultTable {
  const columns = ["format", "field", "type", "description"].map((name) => ({ name, type: "string" }) as const);
  const fixed = FORMATS.flatMap((format) =>
    format.fields.map((field) => [format.name, field.name, field.type, field.description]),
  );
  const sampled = SAMPLED_FORMATS.map(({ name, description }) => [name, null, null, description]);
  const rows = [...fixed, ...sampled];
  return { columns, rows, counters: NO_COUNTERS };
}
