/** Generated logs as files: written whole or not at all, and kept for the next run where that is wanted. */

import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { canonicalJson } from "../../src/base/canonical-json.js";
import { digestOf } from "../../src/base/digest.js";
import { generateLog, type LogOptions, type LogSummary } from "./log-generator.js";

/** Part of a kept log's name: raise it when the same options would give other bytes. */
const GENERATOR_VERSION = 1;

/** How long a writer waits for the reader of a full pipe before it tries again. */
const PIPE_RETRY_MS = 5;

/** Writes the blocks to an open file; signals get in between them. `onProgress` hears of the bytes written so far. */
export async function writeBlocks(
  options: LogOptions,
  descriptor: number,
  onProgress: (doneBytes: number) => void,
): Promise<LogSummary> {
  const blocks = generateLog(options);
  let doneBytes = 0;
  for (let step = blocks.next(); ; step = blocks.next()) {
    if (step.done === true) return step.value;
    writeFully(descriptor, step.value);
    doneBytes += step.value.length;
    onProgress(doneBytes);
    await nextTurn();
  }
}

/** Writes a log that appears under its name only when it is whole; nothing is left of one that was interrupted. */
export async function writeLogFile(
  path: string,
  options: LogOptions,
  onProgress: (doneBytes: number) => void,
): Promise<LogSummary> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  const discard = (): void => rmSync(unfinished, { force: true });
  const stop = (): void => process.exit(130);
  process.once("exit", discard);
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const descriptor = openSync(unfinished, "wx");
  try {
    const summary = await writeBlocks(options, descriptor, onProgress);
    renameSync(unfinished, path);
    return summary;
  } finally {
    closeSync(descriptor);
    discard();
    process.off("exit", discard);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

/** The path of a log with these options within `directory`, generated if it is not there yet. */
export async function ensureLog(
  directory: string,
  options: LogOptions,
  onProgress: (doneBytes: number) => void,
): Promise<string> {
  const digest = digestOf(canonicalJson({ ...options, generator: GENERATOR_VERSION })).slice(0, 12);
  const path = join(directory, `access-${options.format}-${digest}.log`);
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true });
  await writeLogFile(path, options, onProgress);
  return path;
}

/** A pipe takes what fits and says EAGAIN while it is full. */
function writeFully(descriptor: number, block: Uint8Array): void {
  for (let offset = 0; offset < block.length; ) {
    try {
      offset += writeSync(descriptor, block, offset);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_RETRY_MS);
    }
  }
}
