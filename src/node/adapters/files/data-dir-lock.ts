/**
 * One process a data directory. Node has no file locks, so the lock is a file that names its owner; an owner that died
 * without removing it is recognised by its process id and start time, and is replaced.
 */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCK_FILE = "lock";

interface Owner {
  readonly pid: number;
  /** What tells this process from a later one with the same id; empty where the platform does not say. */
  readonly started: string;
}

export class DataDirLockedError extends Error {
  readonly code = "data-dir-locked";
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(
      `the data directory ${dataDir} is in use by process ${pid}; stop that one, or give this node its own with --data-dir`,
    );
    this.name = "DataDirLockedError";
    this.pid = pid;
  }
}

/** The directory cannot be made or written to. */
class UnusableDataDirError extends Error {
  readonly code = "data-dir-unusable";

  constructor(dataDir: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot use the data directory ${dataDir}: ${reason}; choose another with --data-dir`, { cause });
    this.name = "UnusableDataDirError";
  }
}

/**
 * Creates the directory if need be, and locks it until `release`. Throws {@link DataDirLockedError}, and an
 * UnusableDataDirError.
 */
export function lockDataDir(dataDir: string): { readonly release: () => void } {
  const path = join(dataDir, LOCK_FILE);
  const mine: Owner = { pid: process.pid, started: startOf(process.pid) ?? "" };
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify(mine));
  } catch (error) {
    throw new UnusableDataDirError(dataDir, error);
  }
  try {
    while (!linkUnlessThere(temporary, path)) {
      const owner = readOwner(path);
      if (owner !== undefined && isAlive(owner)) throw new DataDirLockedError(dataDir, owner.pid);
      // Whoever moves the stale file away first wins; the other one finds nothing to move and tries to link again.
      moveAway(path, `${temporary}.stale`);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  return {
    release: () => {
      const owner = readOwner(path);
      if (owner?.pid === mine.pid && owner.started === mine.started) rmSync(path, { force: true });
    },
  };
}

function linkUnlessThere(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

function moveAway(path: string, aside: string): void {
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isOwner = typeof owner === "object" && owner !== null && "pid" in owner && "started" in owner;
    return isOwner ? { pid: Number(owner.pid), started: String(owner.started) } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  const started = startOf(owner.pid);
  return started === undefined || owner.started === "" || started === owner.started;
}

/** The 22nd field of a process's `stat`: its start, in clock ticks since boot. Undefined without /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;
