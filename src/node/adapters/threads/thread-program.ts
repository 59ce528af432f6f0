/** What the threads and child processes of a pool run; and how long a thread may make no step before it counts as hung. */

import { Worker, type WorkerOptions } from "node:worker_threads";
import { builtFile } from "../../../base/package-root.js";
import type { ThreadStart } from "./protocol.js";
import { HELPER_OPTIONS, THREAD_OPTIONS, takeAhead } from "./thread-ahead.js";

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
  workerFile: builtFile("bin/thread.js"),
  soloFile: builtFile("bin/solo.js"),
  nodeFlags: [],
  patienceMs: 120_000,
};

/** Starts a worker thread for the tasks of a pool; the caller listens to it. */
export function startThread(program: ThreadProgram, start: ThreadStart): Worker {
  return begin(newThread(program, THREAD_OPTIONS), start);
}

/** The same for one task of a process that scans too: the thread that was started ahead, if there is one. */
export function startHelper(program: ThreadProgram, start: ThreadStart): Worker {
  return begin(takeAhead("scan") ?? newThread(program, HELPER_OPTIONS), start);
}

const newThread = ({ workerFile, nodeFlags }: ThreadProgram, options: WorkerOptions): Worker =>
  // Without flags of its own it has those of this process.
  new Worker(workerFile, { ...options, ...(nodeFlags.length === 0 ? {} : { execArgv: [...nodeFlags] }) });

function begin(worker: Worker, start: ThreadStart): Worker {
  worker.postMessage(start);
  return worker;
}
