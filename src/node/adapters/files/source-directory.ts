/**
 * One declared directory: the only way from a name that a job gives to a file. What lies outside, is reached through a
 * link that leads outside, or is no regular file, is not there.
 */

import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { compileGlob } from "../../../base/glob.js";

/** A listing with more files is refused: ask with a narrower glob. */
const MAX_FILES = 100_000;
const MAX_DEPTH = 32;

/** A link is not followed (the path is resolved before), and opening a FIFO does not wait for a writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface Listing {
  /** Paths below the directory, sorted. */
  readonly paths: readonly string[];
  /** Directories that could not be listed, and other reasons why paths may be missing. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

export class SourceDirectory {
  readonly #root: string;

  /** Throws an Error of the operating system when the directory does not exist. */
  constructor(directory: string) {
    this.#root = realpathSync(directory);
  }

  /** The paths that match the glob. Links to directories are not followed. */
  async list(glob: string): Promise<Listing> {
    const { matches, maxDepth } = compileGlob(glob);
    const deepest = Math.min(maxDepth ?? MAX_DEPTH, MAX_DEPTH);
    const paths: string[] = [];
    const problems: { path: string; problem: string }[] = [];
    const walk = async (relative: string, depth: number): Promise<void> => {
      const entries = await readdir(join(this.#root, relative), { withFileTypes: true }).catch((error: unknown) => {
        if (!isAbsence(error)) problems.push({ path: relative, problem: `cannot be listed: ${codeOf(error)}` });
        return [];
      });
      for (const entry of entries) {
        const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
        if (entry.isDirectory() && depth < deepest) await walk(path, depth + 1);
        else if ((entry.isFile() || entry.isSymbolicLink()) && matches(path)) paths.push(path);
      }
    };
    await walk("", 1);
    if (paths.length <= MAX_FILES) return { paths: paths.sort(), problems };
    const problem = `matches ${paths.length} files; ${MAX_FILES} is the most`;
    return { paths: [], problems: [...problems, { path: glob, problem }] };
  }

  /**
   * A descriptor of the regular file at a relative path, for the caller to close. `absent`: there is no such file in the
   * source. `unreadable`: there is, and this process cannot open it.
   */
  open(path: string): number | "absent" | "unreadable" {
    if (!isRelative(path)) return "absent";
    let descriptor: number | undefined;
    try {
      const resolved = realpathSync(join(this.#root, path));
      if (!this.#contains(resolved)) return "absent";
      descriptor = openSync(resolved, OPEN_FLAGS);
      if (fstatSync(descriptor).isFile() && this.#isStillInside(descriptor)) return descriptor;
    } catch (error) {
      if (!isAbsence(error)) return "unreadable";
    }
    if (descriptor !== undefined) closeSync(descriptor);
    return "absent";
  }

  #contains(resolved: string): boolean {
    return resolved.startsWith(this.#root === sep ? sep : this.#root + sep);
  }

  /** Where the kernel tells what was opened, a directory swapped for a link in between is noticed. */
  #isStillInside(descriptor: number): boolean {
    if (process.platform !== "linux") return true;
    return this.#contains(readlinkSync(`/proc/self/fd/${descriptor}`));
  }
}

/** Not there, a link where none may be, a socket or a device without a driver. */
const isAbsence = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].includes(codeOf(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

/** Names only: no way up, no root, nothing empty. */
const isRelative = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
