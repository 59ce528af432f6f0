/** What the threads and child processes of a pool run; and how long a thread may make no step before it counts as hung. */

import { Worker, type WorkerOptions } from "node:worker_threads";
import { builtFile } from "../../../base/package-root.js";
import type { ThreadStart } from "./protocol.js";

export interface ThreadProgram {
  readonly workerFile: string;
  /** Runs one scan in a process of its own. */
  readonly soloFile: string;
  /** Flags of Node for both. */
  readonly nodeFlags: readonly string[];
  /**
   * A step is the reading and scanning of a MiB at most. A disk may be slow, and a machine busy, but two minutes for one
   * step is neither.
   */
  readonly patienceMs: number;
}

export const THREAD_PROGRAM: ThreadProgram = {
  workerFile: builtFile("bin/logmr.js"),
  soloFile: builtFile("bin/solo.js"),
  nodeFlags: [],
  patienceMs: 120_000,
};

/**
 * Groups and texts lie in WebAssembly memory. What JavaScript needs beside is little; a thread that wants more than this is
 * ended before it takes the process along.
 */
const MAX_HEAP_MB = 1024;

/** Starts a worker thread; the caller listens to it. */
export function startThread(
  program: ThreadProgram,
  start: ThreadStart,
  options: Pick<WorkerOptions, "trackUnmanagedFds"> = {},
): Worker {
  return new Worker(program.workerFile, {
    ...options,
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    // Without flags of its own it has those of this process.
    ...(program.nodeFlags.length === 0 ? {} : { execArgv: [...program.nodeFlags] }),
  });
}
