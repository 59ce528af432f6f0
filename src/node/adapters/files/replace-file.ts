import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file so that a crash leaves the old content or the new, durably, never a part. `mode` as for chmod. Throws an
 * Error of the operating system, and leaves nothing beside the file then.
 */
export function replaceFile(path: string, content: Uint8Array | string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeDurably(temporary, typeof content === "string" ? Buffer.from(content) : content, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const directory = openSync(dirname(path), "r");
  fsyncSync(directory);
  closeSync(directory);
}

function writeDurably(path: string, bytes: Uint8Array, mode: number): void {
  const file = openSync(path, "w", mode);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
