/**
 * Whether a scan will want a second thread, told from the command line alone, before anything of the client is loaded. A wrong
 * guess costs the start of a thread that has nothing to do, or that one is started later.
 */

import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { HELPER_OPTIONS, MIN_BYTES_PER_THREAD } from "../../node/adapters/threads/thread-ahead.js";

/** Commands that scan files of this machine. */
const SCANNING = ["query", "report"];
/** Of these one thread reads a file alone. */
const COMPRESSED = /\.(?:gz|zst)$/;
/** What scans nothing, elsewhere, or with one thread. */
const UNHELPED = /^--(?:explain|node|help|threads=1)$/;

/** Starts `file` as a scanning thread if the command seems to need one. It does not keep the process alive. */
export function startAhead(arguments_: readonly string[], file: string): Worker | undefined {
  if (!isHelped(arguments_) || availableParallelism() === 1) return undefined;
  const worker = new Worker(file, HELPER_OPTIONS);
  worker.unref();
  return worker;
}

/** Whether the files that a command line names are worth a second thread. */
export function isHelped([command = "", ...rest]: readonly string[]): boolean {
  if (!SCANNING.includes(command) || rest.some((argument) => UNHELPED.test(argument))) return false;
  if (rest[rest.indexOf("--threads") + 1] === "1") return false;
  const bytes = rest.map((argument) => (COMPRESSED.test(argument) ? 0 : fileBytes(argument)));
  return bytes.reduce((sum, size) => sum + size, 0) >= 2 * MIN_BYTES_PER_THREAD;
}

/** 0 for what is no file: a query, a flag, a glob. */
function fileBytes(path: string): number {
  try {
    const info = statSync(path, { throwIfNoEntry: false });
    return info?.isFile() === true ? info.size : 0;
  } catch {
    return 0;
  }
}
