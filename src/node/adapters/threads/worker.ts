/** A scanning thread: does one request after the other, synchronously, on its own kernels and memory. */

import { parentPort } from "node:worker_threads";
import { assert, unreachable } from "../../../base/assert.js";
import { inMemoryWithin, tooLargeMessage } from "../../../cluster/job/result-codec.js";
import { answerOf } from "../../../engine/finish/answer.js";
import { sealFirstRows } from "../../../engine/finish/seal-first-rows.js";
import { Kernels } from "../../../engine/kernels/kernels.js";
import type { VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import { RESULT_TOO_LARGE, type SeenPiece } from "../../ports/map-pool.js";
import { SpillFile } from "../files/spill-file.js";
import { NoteWriter } from "../isolation/attempt-notes.js";
import { pieceOf } from "../isolation/piece.js";
import { ChunkLedger } from "./chunk-ledger.js";
import { OptimizerPause } from "./optimizer-pause.js";
import { isOperatingError, type ThreadReply, type ThreadRequest, type ThreadStart, transferError } from "./protocol.js";
import { quotaOf } from "./row-quota.js";
import { ChunkScanner, ThreadAccumulator } from "./scanning.js";

const MIB = 1024 * 1024;

assert(parentPort !== null, "this module runs in a worker thread");
const port = parentPort;

port.once("message", ({ kernels, memory, notes }: ThreadStart) => {
  const space = new SpillFile(memory.directory, memory.wayOut);
  const accumulators = new ThreadAccumulator(Kernels.instantiate(kernels), { bytes: memory.bytes, space });
  const writer = notes === undefined ? undefined : new NoteWriter(notes);
  port.on("message", (request: ThreadRequest) => {
    try {
      serve(request, accumulators, writer);
    } catch (error) {
      // Anything else ends the thread: its pool starts another one, with fresh memory.
      if (!isOperatingError(error)) throw error;
      reply({ kind: "failed", task: request.task, error: transferError(error) });
    } finally {
      // A helper has one task. It goes while others merge its groups, which are in shared memory, and what it spilled.
      if (request.kind === "scan-shared") port.close();
      else space.clear();
    }
  });
});

function reply(message: ThreadReply, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serve(request: ThreadRequest, accumulators: ThreadAccumulator, writer: NoteWriter | undefined): void {
  switch (request.kind) {
    case "scan":
      scan(request, accumulators.begin(request.map), writer);
      return;
    case "scan-shared":
      scanShared(request, accumulators.begin(request.map));
      return;
    case "merge": {
      const accumulator = accumulators.begin(request.map);
      for (const partial of request.partials) accumulator.absorb(partial);
      const { first } = request;
      replyPartial(request.task, first === undefined ? accumulator.seal() : sealFirstRows(first, accumulator));
      return;
    }
    case "finish":
      reply(finish(request, accumulators.begin(request.plan.map)));
      return;
    default:
      unreachable(request);
  }
}

type RequestOf<Kind extends ThreadRequest["kind"]> = Extract<ThreadRequest, { readonly kind: Kind }>;

function finish({ task, plan, partial, mostBytes }: RequestOf<"finish">, accumulator: VertexAccumulator): ThreadReply {
  accumulator.absorb(partial);
  const table = inMemoryWithin(answerOf(plan, accumulator).table, mostBytes);
  if (table !== undefined) return { kind: "table", task, table };
  const error = { name: "ResultTooLarge", code: RESULT_TOO_LARGE, message: tooLargeMessage(mostBytes) };
  return { kind: "failed", task, error };
}

function scan(
  { task, work, chunks, ledger, passedOver }: RequestOf<"scan">,
  accumulator: VertexAccumulator,
  writer: NoteWriter | undefined,
): void {
  if (passedOver !== undefined) accumulator.addCounters(passedOver.counters, passedOver.coverageBytes);
  const seen: SeenPiece[] = [];
  const scanner = new ChunkScanner(accumulator, new ChunkLedger(ledger), 0);
  let finishedBytes = 0;
  try {
    scanner.scan(chunks, undefined, {
      onBegin: (chunk) => writer?.begin(pieceOf(work, chunk)),
      onProgress: (_chunk, doneBytes) => reply({ kind: "progress", task, doneBytes: finishedBytes + doneBytes }),
      onDone: (chunk) => {
        finishedBytes += chunk.end - chunk.start;
      },
      onSeen: ({ fileIndex, start, end }, sight) => seen.push({ fileIndex, start, end, ...sight }),
    });
  } finally {
    scanner.close();
    writer?.end();
  }
  replyPartial(task, accumulator.seal(), seen);
}

function replyPartial(task: number, partial: Uint8Array, seen: readonly SeenPiece[] = []): void {
  const { buffer } = partial;
  reply({ kind: "partial", task, partial, seen }, buffer instanceof ArrayBuffer ? [buffer] : []);
}

function scanShared(request: RequestOf<"scan-shared">, accumulator: VertexAccumulator): void {
  const ledger = new ChunkLedger(request.ledger);
  const scanner = new ChunkScanner(accumulator, ledger, request.thread);
  const pause = new OptimizerPause();
  let unreportedBytes = 0;
  try {
    scanner.scan(request.chunks, quotaOf(request.map, request.quota), {
      onDone: (chunk) => {
        unreportedBytes += chunk.end - chunk.start;
        const wholeMib = Math.floor(unreportedBytes / MIB);
        ledger.addScannedMib(wholeMib);
        unreportedBytes -= wholeMib * MIB;
        pause.look();
      },
    });
  } finally {
    pause.end();
    scanner.close();
  }
  const { counters, coverageBytes } = accumulator;
  const spilled = accumulator.spilledRuns();
  const blocks = [...accumulator.rowBlocks()];
  const rows = { blocks, counters, coverageBytes, ...(spilled === undefined ? {} : { spilled }) };
  reply({ kind: "rows", task: request.task, ...rows });
}
