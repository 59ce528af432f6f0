/** What a query over files of this machine would do and read, without doing it. */

import { formatByteSize } from "../../base/byte-size.js";
import { nodeId } from "../../base/ids.js";
import { planSteps } from "../../engine/plan-text.js";
import { NO_COUNTERS, type ResultTable } from "../../job/result.js";
import { processClock } from "../adapters/process/clock.js";
import { scanShape } from "../adapters/threads/embedded-pool.js";
import { type EmbeddedOptions, inputPatterns } from "./embedded.js";
import { EmbeddedPlanner } from "./embedded-planner.js";
import { inspectInputs } from "./inputs.js";

const COLUMNS: ResultTable["columns"] = [
  { name: "step", type: "string" },
  { name: "detail", type: "string" },
];

/** A table of steps. Reads the beginning of each file, to know its format. Throws what `runEmbedded` throws before it scans. */
export async function explainEmbedded(options: EmbeddedOptions & { readonly threads: number }): Promise<ResultTable> {
  const inputs = await inspectInputs(inputPatterns(options));
  const planner = new EmbeddedPlanner(nodeId("embedded"), processClock.wallMs(), inputs, options.format);
  const plan = planner.compile(options);
  const sources = inputs.map(({ path, size, compression }) => ({
    realPath: path,
    start: 0,
    end: size ?? 0,
    ...(compression === undefined ? {} : { compression }),
  }));
  const { threads, chunks } = scanShape(sources, options.threads);
  const files = inputs.map(({ path, size, compression }, index) => {
    const format = planner.formats[index] ?? "plain";
    const amount = size === undefined ? "a stream" : formatByteSize(size);
    return ["file", `${path}: ${format}, ${amount}${compression === undefined ? "" : ` of ${compression}`}`];
  });
  const isEndless = inputs.some((input) => input.size === undefined);
  const totalBytes = sources.reduce((sum, { end }) => sum + end, 0);
  const amount = isEndless ? "whatever the stream has" : formatByteSize(totalBytes);
  return {
    columns: COLUMNS,
    rows: [
      ...files,
      ["read", `${amount} of ${counted(inputs.length, "file")} at most`],
      ["scan", `${counted(threads, "thread")}, ${counted(chunks.length, "range")}`],
      ...planSteps(plan).map(({ step, detail }) => [step, detail]),
    ],
    counters: NO_COUNTERS,
  };
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
