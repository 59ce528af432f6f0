/**
 * LMDB files of a data directory. One that does not open, or does not read, is moved aside, and the node starts without
 * it: everything in it can be had again.
 */

import { existsSync, renameSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";
import { safeText } from "../../../base/safe-text.js";
import { probeStore } from "./probe.js";
import { openValue } from "./sealed-value.js";

export type Environment = RootDatabase<Uint8Array, string>;
export type Table = Database<Uint8Array, string>;

/** Where a damaged file lies now, and what was wrong with it. */
export type Damaged = Readonly<Record<"movedTo" | "reason", string>>;

/** The file in the store's place is another program's: it is neither used nor touched. */
export class ForeignStoreError extends Error {
  readonly code = "store-foreign";
  readonly path: string;

  constructor(path: string, content: string) {
    super(
      `${path} is an LMDB file, but no store of logmr (it has ${content}); move it away, or choose another --data-dir`,
    );
    this.name = "ForeignStoreError";
    this.path = path;
  }
}

/**
 * Makes way for an environment with these tables: a damaged file in its place is moved aside. The caller has locked the data
 * directory. Throws a {@link ForeignStoreError}.
 */
export async function clearDamaged(path: string, tables: readonly string[]): Promise<Damaged | null> {
  const complaint = existsSync(path) ? await probeStore(path, tables) : null;
  if (complaint === null) return null;
  const { kind, reason } = complaint;
  if (kind === "foreign") throw new ForeignStoreError(path, safeText(reason));
  const movedTo = freeName(`${path}.damaged`);
  renameSync(path, movedTo);
  return { movedTo, reason };
}

/**
 * Opens or creates it. A commit is on the disk when it is said to be done or, with `isCache`, in the system's page cache:
 * that outlives the process, and not the loss of power.
 */
export function openEnvironment(path: string, isCache: boolean): Environment {
  return open<Uint8Array, string>({
    path,
    noSubdir: true,
    encoding: "binary",
    maxDbs: 8,
    // Overlapping, a flush goes on after its commit is done, and of one that fails nobody hears.
    overlappingSync: false,
    noSync: isCache,
  });
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const candidate = `${path}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** The verified content under a key; undefined when there is none, or not what was put there. */
export function readSealed(table: Table, key: string): Uint8Array | undefined {
  const value = table.getBinary(key);
  return value === undefined ? undefined : openValue(key, value);
}
