/**
 * A scanning thread that was started before it was known what for. Node takes 25 ms to start one, as long as the client takes
 * to come to its scan: started first of all, it is there in time. The launcher imports this, so it must load at once.
 */

import type { Worker, WorkerOptions } from "node:worker_threads";

/** A thread that has less to scan than this is not worth its start. */
export const MIN_BYTES_PER_THREAD = 48 * 1024 * 1024;

/**
 * Groups and texts lie in WebAssembly memory. What JavaScript needs beside is little; a thread that wants more than this is
 * ended before it takes the process along.
 */
const MAX_HEAP_MB = 1024;

/** How every scanning thread is started. */
export const THREAD_OPTIONS: WorkerOptions = { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } };

/** The same for a thread whose temporary files are read when it is gone: whoever takes them over closes them. */
export const HELPER_OPTIONS: WorkerOptions = { ...THREAD_OPTIONS, trackUnmanagedFds: false };

let ahead: Worker | undefined;

/** Keeps a thread that was started with {@link HELPER_OPTIONS} for whoever needs one first. It must not keep the process. */
export function keepAhead(worker: Worker): void {
  ahead = worker;
  const forget = (): void => {
    ahead = undefined;
  };
  worker.once("error", forget);
  worker.once("exit", forget);
}

/** The thread that was started ahead, once. */
export function takeAhead(): Worker | undefined {
  const worker = ahead;
  ahead = undefined;
  worker?.ref();
  return worker;
}
