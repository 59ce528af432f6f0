/**
 * One suspect alone: a process whose only thread scans one chunk, started by `solo-runs.ts`. The thread leaves the event
 * loop to notice that the parent is gone, so that nothing spins on after it.
 */

import { assert } from "../../../base/assert.js";
import { compileKernels } from "../../../engine/kernels/kernels.js";
import type { MapPlan } from "../../../engine/plan.js";
import type { ScanRange } from "../../ports/map-pool.js";
import { newLedger } from "../threads/chunk-ledger.js";
import type { ThreadMemory, ThreadReply, ThreadRequest } from "../threads/protocol.js";
import { startThread, THREAD_PROGRAM } from "../threads/thread-program.js";

export interface SoloRequest {
  readonly map: MapPlan;
  readonly chunk: ScanRange;
  readonly memory: ThreadMemory;
}

/** How this process ends when its thread does; any other end counts the same. */
const THREAD_ENDED = 1;

assert(process.send !== undefined, "this module runs in a child process with a channel");
const send = process.send.bind(process);

process.on("disconnect", () => process.exit());
process.once("message", ({ map, chunk, memory }: SoloRequest) => {
  const worker = startThread(THREAD_PROGRAM, { kernels: compileKernels(), memory });
  worker.on("message", (reply: ThreadReply) => send(reply));
  worker.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
  });
  worker.on("exit", () => process.exit(THREAD_ENDED));
  const { shared } = newLedger(1, 1);
  const request: ThreadRequest = { kind: "scan", task: 0, work: "", map, chunks: [chunk], ledger: shared };
  worker.postMessage(request);
});
