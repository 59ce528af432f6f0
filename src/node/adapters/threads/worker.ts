/** A scanning thread: does one request after the other, synchronously, on its own kernels and memory. */

import { parentPort, workerData } from "node:worker_threads";
import { assert, unreachable } from "../../../base/assert.js";
import { answerOf } from "../../../engine/finish/answer.js";
import { Kernels } from "../../../engine/kernels/kernels.js";
import { inMemory } from "../../../job/result.js";
import { SpillFile } from "../files/spill-file.js";
import { SCANNED_MIB, type ThreadReply, type ThreadRequest, type ThreadStart, transferError } from "./protocol.js";
import { quotaOf } from "./row-quota.js";
import { RangeScanner, ThreadAccumulator } from "./scanning.js";

const MIB = 1024 * 1024;

assert(parentPort !== null, "this module runs in a worker thread");
const port = parentPort;
const { kernels, memory } = workerData as ThreadStart;
const space = new SpillFile(memory.directory, memory.wayOut);
const accumulators = new ThreadAccumulator(Kernels.instantiate(kernels), { bytes: memory.bytes, space });

port.on("message", (request: ThreadRequest) => {
  try {
    serve(request);
  } catch (error) {
    reply({ kind: "failed", task: request.task, error: transferError(error) });
  }
});

function reply(message: ThreadReply, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serve(request: ThreadRequest): void {
  switch (request.kind) {
    case "scan":
      scan(request);
      return;
    case "scan-shared":
      scanShared(request);
      return;
    case "merge": {
      const accumulator = accumulators.begin(request.map);
      for (const partial of request.partials) accumulator.absorb(partial);
      replyPartial(request.task, accumulator.seal());
      return;
    }
    case "finish": {
      const accumulator = accumulators.begin(request.plan.map);
      accumulator.absorb(request.partial);
      const { table } = answerOf(request.plan, accumulator);
      reply({ kind: "table", task: request.task, table: inMemory(table) });
      return;
    }
    default:
      unreachable(request);
  }
}

function scan(request: Extract<ThreadRequest, { kind: "scan" }>): void {
  const accumulator = accumulators.begin(request.map);
  const scanner = new RangeScanner(accumulator, request.control);
  let finishedBytes = 0;
  try {
    for (const range of request.ranges) {
      scanner.scan(range, {
        onProgress: (doneBytes) => {
          reply({ kind: "progress", task: request.task, doneBytes: finishedBytes + doneBytes });
        },
      });
      finishedBytes += range.end - range.start;
    }
  } finally {
    scanner.close();
  }
  replyPartial(request.task, accumulator.seal());
}

function replyPartial(task: number, partial: Uint8Array): void {
  const { buffer } = partial;
  reply({ kind: "partial", task, partial }, buffer instanceof ArrayBuffer ? [buffer] : []);
}

function scanShared(request: Extract<ThreadRequest, { kind: "scan-shared" }>): void {
  const accumulator = accumulators.begin(request.map);
  const scanner = new RangeScanner(accumulator, request.control);
  let unreportedBytes = 0;
  try {
    scanner.scanShared(request.chunks, quotaOf(request.map, request.quota), (chunk) => {
      unreportedBytes += chunk.end - chunk.start;
      const wholeMib = Math.floor(unreportedBytes / MIB);
      Atomics.add(request.control, SCANNED_MIB, wholeMib);
      unreportedBytes -= wholeMib * MIB;
    });
  } finally {
    scanner.close();
  }
  const { counters } = accumulator;
  const spilled = accumulator.spilledRuns();
  const blocks = [...accumulator.rowBlocks()];
  reply({ kind: "rows", task: request.task, blocks, counters, ...(spilled === undefined ? {} : { spilled }) });
}
