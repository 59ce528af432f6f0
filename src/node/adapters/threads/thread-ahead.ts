/**
 * Threads that were started before it was known what for: one that scans, one that decompresses. Node takes 25 ms to start
 * one, as long as the client takes to come to its scan: started first of all, it is there in time. The launcher imports
 * this, so it must load at once.
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

/** What a thread was started for: {@link HELPER_OPTIONS} are those of the one that scans, the other has none. */
export type AheadKind = "scan" | "decompress";
export type ThreadsAhead = ReadonlyMap<AheadKind, Worker>;

const kept = new Map<AheadKind, Worker>();

/** Keeps threads that were started ahead for whoever needs one first. They must not keep the process. */
export function keepAhead(threads: ThreadsAhead): void {
  for (const [kind, worker] of threads) {
    kept.set(kind, worker);
    const forget = (): void => {
      if (kept.get(kind) === worker) kept.delete(kind);
    };
    worker.on("error", forget);
    worker.on("exit", forget);
  }
}

/** The thread of a kind that was started ahead, once. Whoever takes it listens to it. */
export function takeAhead(kind: AheadKind): Worker | undefined {
  const worker = kept.get(kind);
  kept.delete(kind);
  worker?.removeAllListeners("error").removeAllListeners("exit").ref();
  return worker;
}
