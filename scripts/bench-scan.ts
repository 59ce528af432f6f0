/**
 * Times the engine alone on one thread: `node dist/scripts/bench-scan.js ACCESS.LOG [RUNS] [QUESTION]`. No process start, no
 * threads, no finishing: what the kernels make of a file in the page cache. The CPU time of the best run is that of this
 * thread and of what the operating system does for it.
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { ByteReader } from "../src/engine/byte-reader.js";
import { Kernels } from "../src/engine/kernels/kernels.js";
import type { Expression, MapPlan } from "../src/engine/plan.js";
import { VertexAccumulator } from "../src/engine/vertex-accumulator.js";

const field = (name: string, type: Expression["type"]): Expression => ({ kind: "field", type, name });
const count = { function: "count", argument: null, filter: null };

const QUESTIONS: Readonly<Record<string, MapPlan>> = {
  "count of lines": { filter: null, keys: [], aggregates: [count] },
  "count by status": { filter: null, keys: [field("status", "i64")], aggregates: [count] },
  "sum of bytes by url": {
    filter: null,
    keys: [field("url", "string")],
    aggregates: [count, { function: "sum", argument: field("bytes", "i64"), filter: null }],
  },
  "count by remote_addr": { filter: null, keys: [field("remote_addr", "string")], aggregates: [count] },
  "5xx by hour": {
    filter: {
      kind: "call",
      type: "bool",
      function: "ge",
      arguments: [field("status", "i64"), { kind: "literal", type: "i64", value: "500" }],
    },
    keys: [
      {
        kind: "call",
        type: "timestamp",
        function: "date_trunc",
        arguments: [{ kind: "literal", type: "string", value: "hour" }, field("time", "timestamp")],
      },
    ],
    aggregates: [count],
  },
};

const [path, runsText = "3", only] = process.argv.slice(2);
if (path === undefined) throw new Error("Usage: bench-scan ACCESS.LOG [RUNS] [QUESTION]");
const { size } = statSync(path);
const descriptor = openSync(path, "r");
const reader: ByteReader = {
  read: (target, position) => readSync(descriptor, target, 0, target.length, position),
  close: () => closeSync(descriptor),
};

for (const [question, plan] of Object.entries(QUESTIONS)) {
  if (only !== undefined && !question.includes(only)) continue;
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let groups = 0;
  for (let run = 0; run < Number(runsText); run += 1) {
    const accumulator = new VertexAccumulator(Kernels.instantiate(), plan);
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    accumulator.scan(reader, {
      format: "combined",
      start: 0,
      end: size,
      scanSize: size,
      fileName: path,
      nodeName: null,
    });
    times.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(startCpu);
    cpuTimes.push((user + system) / 1e3);
    groups = accumulator.groupCount;
  }
  const bestMs = Math.min(...times);
  const megabytesPerSecond = Math.round(size / 1e3 / bestMs);
  process.stdout.write(
    `${question.padEnd(22)} ${bestMs.toFixed(0).padStart(6)} ms ${Math.min(...cpuTimes)
      .toFixed(0)
      .padStart(6)} ms CPU ${String(megabytesPerSecond).padStart(6)} MB/s ${groups} groups\n`,
  );
}
reader.close();
