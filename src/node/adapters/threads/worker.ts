/** A scanning thread: does one request after the other, synchronously, on its own kernels and memory. */

import { parentPort, workerData } from "node:worker_threads";
import { assert, unreachable } from "../../../base/assert.js";
import { inMemoryWithin, tooLargeMessage } from "../../../cluster/job/result-codec.js";
import { answerOf } from "../../../engine/finish/answer.js";
import { Kernels } from "../../../engine/kernels/kernels.js";
import { RESULT_TOO_LARGE } from "../../ports/map-pool.js";
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
  } finally {
    // Nothing reads it any more, unless other threads take over what this one spilled.
    if (request.kind !== "scan-shared") space.clear();
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
    case "finish":
      reply(finish(request));
      return;
    default:
      unreachable(request);
  }
}

function finish({ task, plan, partial, mostBytes }: Extract<ThreadRequest, { kind: "finish" }>): ThreadReply {
  const accumulator = accumulators.begin(plan.map);
  accumulator.absorb(partial);
  const table = inMemoryWithin(answerOf(plan, accumulator).table, mostBytes);
  if (table !== undefined) return { kind: "table", task, table };
  const error = { name: "ResultTooLarge", code: RESULT_TOO_LARGE, message: tooLargeMessage(mostBytes) };
  return { kind: "failed", task, error };
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
