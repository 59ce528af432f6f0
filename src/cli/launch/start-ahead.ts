/**
 * Whether a scan will want threads beside its own, told from the command line alone, before anything of the client is loaded.
 * A wrong guess costs the start of a thread that has nothing to do, or that one is started later.
 */

import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  type AheadKind,
  HELPER_OPTIONS,
  MIN_BYTES_PER_THREAD,
  type ThreadsAhead,
} from "../../node/adapters/threads/thread-ahead.js";

/** Commands that scan files of this machine. */
const SCANNING = ["query", "report"];
/** Of these one thread reads a file alone, and another decompresses it. */
const COMPRESSED = /\.(?:gz|zst)$/;
/** What scans nothing, or elsewhere. */
const UNREAD = /^--(?:explain|node|help)$/;

/** Starts the files of `directory` that the command seems to need as threads. They do not keep the process alive. */
export function startAhead(arguments_: readonly string[], directory: string): ThreadsAhead {
  const threads = new Map<AheadKind, Worker>();
  if (isDecompressed(arguments_)) threads.set("decompress", new Worker(join(directory, "decompressor.js")));
  if (isHelped(arguments_) && availableParallelism() > 1) {
    threads.set("scan", new Worker(join(directory, "thread.js"), HELPER_OPTIONS));
  }
  for (const worker of threads.values()) worker.unref();
  return threads;
}

/** Whether the files that a command line names are worth a second thread that scans. */
export function isHelped([command = "", ...rest]: readonly string[]): boolean {
  if (!isScanning(command, rest) || rest.includes("--threads=1")) return false;
  if (rest[rest.indexOf("--threads") + 1] === "1") return false;
  const bytes = rest.map((argument) => (COMPRESSED.test(argument) ? 0 : fileBytes(argument)));
  return bytes.reduce((sum, size) => sum + size, 0) >= 2 * MIN_BYTES_PER_THREAD;
}

/** Whether a command line names a file that a thread of its own decompresses, whoever scans it. */
export function isDecompressed([command = "", ...rest]: readonly string[]): boolean {
  return isScanning(command, rest) && rest.some((argument) => COMPRESSED.test(argument) && fileBytes(argument) > 0);
}

const isScanning = (command: string, rest: readonly string[]): boolean =>
  SCANNING.includes(command) && !rest.some((argument) => UNREAD.test(argument));

/** 0 for what is no file: a query, a flag, a glob. */
function fileBytes(path: string): number {
  try {
    const info = statSync(path, { throwIfNoEntry: false });
    return info?.isFile() === true ? info.size : 0;
  } catch {
    return 0;
  }
}
