/** `logmr detect`: which format each file has, and which share of the lines of a sample parsed. */

import { Command, InvalidArgumentError } from "commander";
import { detectFormat } from "../../engine/formats/formats.js";
import { NO_COUNTERS, type ResultTable } from "../../job/result.js";
import { printTable } from "../output/print-table.js";

type DetectOutput = "table" | "json";

export function detectCommand(): Command {
  return new Command("detect")
    .description("which format each file has, judged by a sample from its beginning")
    .argument("<files...>", 'log files: paths, directories, globs, "-" for standard input')
    .option("--output <format>", "table or json", detectOutput, "table")
    .action(async (files: readonly string[], flags: { readonly output: DetectOutput }) => {
      await printTable(await detectedTable(files), flags.output, process.stdout);
    });
}

function detectOutput(text: string): DetectOutput {
  if (text === "table" || text === "json") return text;
  throw new InvalidArgumentError("It is table or json.");
}

async function detectedTable(files: readonly string[]): Promise<ResultTable> {
  const { expandInputs, inspectInput } = await import("../../node/embedded/inputs.js");
  const rows = (await expandInputs(files)).map((file) => {
    const { path, sample } = inspectInput(file);
    const { format, lines, parsed } = detectFormat(sample);
    return [path, format, BigInt(lines), BigInt(parsed)];
  });
  const columns = [
    { name: "file", type: "string" },
    { name: "format", type: "string" },
    { name: "lines", type: "i64" },
    { name: "parsed", type: "i64" },
  ] as const;
  return { columns, rows, counters: NO_COUNTERS };
}
