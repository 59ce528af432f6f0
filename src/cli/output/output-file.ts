/** A file that a command writes its answer to, as `-o FILE`: it appears whole or not at all. */

import { accessSync, constants, realpathSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "../../node/adapters/files/replace-file.js";
import { CommandError, EXIT } from "../exit-codes.js";

const FILE_MODE = 0o644;

/** Throws a {@link CommandError} for a path that cannot be written: before the work, not after it. */
export function checkOutputFile(path: string): void {
  refusing(path, () => {
    const there = statOf(path);
    if (there?.isDirectory()) throw new Error("it is a directory");
    accessSync(there === undefined || there.isFile() ? dirname(realPathOf(path)) : path, constants.W_OK);
  });
}

/** Throws a {@link CommandError} when the file cannot be written, and leaves what was there before. */
export function writeOutputFile(path: string, text: string): void {
  refusing(path, () => {
    const there = statOf(path);
    // A device or a pipe is written to: in its place a file would surprise everyone else who uses it.
    if (there !== undefined && !there.isFile()) writeFileSync(path, text);
    else replaceFile(realPathOf(path), text, FILE_MODE);
  });
}

function refusing(path: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT.usage, `cannot write ${JSON.stringify(path)}: ${reason}; choose another -o`, error);
  }
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Behind symbolic links, so that the file is replaced and not the link. */
const realPathOf = (path: string): string => (statOf(path) === undefined ? path : realpathSync(path));
