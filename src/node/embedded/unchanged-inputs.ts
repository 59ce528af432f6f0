/**
 * Whether files are still what they were when a query began. A file that only grew is: its new lines were not asked about.
 * Threads open a file by its path, so one that was renamed or removed cannot be told from one that half of them missed.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { asInputError, InputError } from "../input-error.js";

/** Enough to tell a file that was emptied and has grown again: its lines begin with another time. */
const HEAD_BYTES = 4 * 1024;

/** What tells a file from a later one of the same path. */
export interface FileVersion {
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** Its first bytes. */
  readonly head: Uint8Array;
}

/** The version of an open file; at most `headBytes` of its beginning. */
export function versionOf(descriptor: number, headBytes = HEAD_BYTES): FileVersion {
  const { ino, size, mtimeMs } = fstatSync(descriptor);
  const head = new Uint8Array(Math.min(headBytes, size));
  const count = readSync(descriptor, head, 0, head.length, 0);
  return { inode: ino, size, mtimeMs, head: head.subarray(0, count) };
}

/** Throws an {@link InputError} for the first file that is another one now, is gone, was rewritten or cut. */
export function refuseChanged(
  files: readonly { readonly path: string; readonly version: FileVersion | undefined }[],
): void {
  for (const { path, version } of files) {
    const change = version === undefined ? undefined : changeOf(path, version);
    if (change === undefined) continue;
    throw new InputError("changed", path, `"${path}" ${change} while it was read. Run the query again.`);
  }
}

function changeOf(path: string, before: FileVersion): string | undefined {
  const now = currentVersion(path, before.head.length);
  if (now === undefined) return "was removed or renamed";
  if (now.inode !== before.inode) return "was replaced by another file";
  if (now.size < before.size) return `was cut from ${before.size} to ${now.size} bytes`;
  const isSame = now.size > before.size || now.mtimeMs === before.mtimeMs;
  return isSame && Buffer.from(now.head).equals(before.head) ? undefined : "was rewritten";
}

function currentVersion(path: string, headBytes: number): FileVersion | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    return versionOf(descriptor, headBytes);
  } catch (error) {
    const reason = asInputError(error, path);
    if (reason instanceof InputError && reason.code === "missing") return undefined;
    throw reason;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
