/**
 * Descriptions of files that have not changed since: a job over a source that rests is planned without reading it. By size,
 * times and inode, as this thread itself saw them; a file that was touched just before it was described is read again.
 */

import type { Stats } from "node:fs";
import type { FileDescription } from "../../ports/source-catalog.js";

/** What moves when a file does. */
type Seen = Pick<Stats, "size" | "mtimeMs" | "ctimeMs" | "ino">;

/** Times of files are coarse, and what ends a file may count only after a while: nothing younger is relied upon. */
const RESTING_MS = 10_000;

/** Digests that are kept in all, at about 60 bytes: those of a tebibyte of log. */
const MAX_DIGESTS = 1024 ** 2;
/** What an entry costs beside its digests, in digests. */
const ENTRY_DIGESTS = 8;

interface Entry {
  readonly seen: Seen;
  readonly description: FileDescription;
}

export class DescribedBefore {
  /** The ones used last are at the end. */
  readonly #entries = new Map<string, Entry>();
  #digests = 0;

  get(path: string, now: Seen): FileDescription | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    const { size, mtimeMs, ctimeMs, ino } = entry.seen;
    if (now.size !== size || now.mtimeMs !== mtimeMs || now.ctimeMs !== ctimeMs || now.ino !== ino) {
      this.#forget(path);
      return undefined;
    }
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    return entry.description;
  }

  /** `seen` is from before the file was read. */
  keep(path: string, seen: Seen, description: FileDescription, wallMs: number): void {
    const entry = { seen, description };
    const isResting = wallMs - Math.max(seen.mtimeMs, seen.ctimeMs) >= RESTING_MS;
    if (!isResting || description.size !== seen.size || costOf(entry) > MAX_DIGESTS) return;
    this.#forget(path);
    this.#entries.set(path, entry);
    this.#digests += costOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#digests <= MAX_DIGESTS) return;
      this.#forget(oldest);
    }
  }

  #forget(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#digests -= costOf(entry);
  }
}

const costOf = ({ description }: Entry): number => description.leafDigests.length + ENTRY_DIGESTS;
