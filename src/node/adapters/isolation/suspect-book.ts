/**
 * Pieces of work that are suspected of ending the process that does them, and those that are known to. A suspect only runs
 * alone, in a child process; only deaths there count; after three of them the piece is quarantined, and skipped from then
 * on. A node keeps the book in its data directory as JSON, for its operator to read; deleting the file clears it.
 */

import { existsSync, readFileSync } from "node:fs";
import type { Log } from "../../ports/log.js";
import { replaceFile } from "../files/replace-file.js";
import type { Piece } from "./piece.js";

/** Deaths alone that convict. */
const DEATHS_TO_QUARANTINE = 3;

/** The oldest are forgotten: a book of more pieces tells of a fault of the program, not of the input. */
const MAX_ENTRIES = 1_000;

interface Entry extends Piece {
  readonly deaths: number;
  /** How the last process ended that died over it alone; empty before. */
  readonly cause: string;
  /** Of the program that judged it: another version may do better. */
  readonly version: string;
}

export type Verdict = "sound" | "suspect" | "quarantined";

export interface BookFile {
  readonly path: string;
  /** Of this program. */
  readonly version: string;
  readonly log: Pick<Log, "warn">;
}

export class SuspectBook {
  readonly #file: BookFile | undefined;
  readonly #entries = new Map<string, Entry>();

  /** Without a file the book ends with the process. A file that cannot be read, or is of another version, counts as empty. */
  constructor(file?: BookFile) {
    this.#file = file;
    this.#load();
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  verdictOf(id: string): Verdict {
    if (this.#entries.get(id)?.deaths === DEATHS_TO_QUARANTINE) this.#forgetIfCleared();
    const entry = this.#entries.get(id);
    if (entry === undefined) return "sound";
    return entry.deaths >= DEATHS_TO_QUARANTINE ? "quarantined" : "suspect";
  }

  /** A process ended while it did this among other things. */
  suspect(piece: Piece): void {
    if (this.#entries.has(piece.id)) return;
    this.#set({ ...piece, deaths: 0, cause: "", version: this.#file?.version ?? "" });
  }

  /** A process ended while it did this alone. Returns what that makes of the piece. */
  diedAlone(piece: Piece, cause: string): Verdict {
    const deaths = (this.#entries.get(piece.id)?.deaths ?? 0) + 1;
    this.#set({ ...piece, deaths, cause, version: this.#file?.version ?? "" });
    const verdict = deaths < DEATHS_TO_QUARANTINE ? "suspect" : "quarantined";
    const { file, start, end } = piece;
    this.#file?.log.warn({ file, start, end, deaths, cause, verdict }, "A process died over one chunk of a log");
    return verdict;
  }

  /** It was done: whatever ended the process was something else. */
  survived(piece: Piece): void {
    if (this.#entries.delete(piece.id)) this.#save();
  }

  #set(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#entries.set(entry.id, entry);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > MAX_ENTRIES && oldest.done !== true) this.#entries.delete(oldest.value);
    this.#save();
  }

  /** An operator who has deleted the file wants the pieces tried again. */
  #forgetIfCleared(): void {
    if (this.#file !== undefined && !existsSync(this.#file.path)) this.#entries.clear();
  }

  #save(): void {
    if (this.#file === undefined) return;
    const entries = [...this.#entries.values()];
    try {
      replaceFile(this.#file.path, `${JSON.stringify(entries, null, 2)}\n`, 0o600);
    } catch {
      // On a full disk the book lasts as long as the process.
    }
  }

  #load(): void {
    if (this.#file === undefined || !existsSync(this.#file.path)) return;
    let entries: unknown;
    try {
      entries = JSON.parse(readFileSync(this.#file.path, "utf8"));
    } catch {
      return;
    }
    if (!Array.isArray(entries)) return;
    for (const entry of entries as Partial<Entry>[]) {
      if (typeof entry?.id !== "string" || entry.version !== this.#file.version) continue;
      this.#entries.set(entry.id, entry as Entry);
    }
  }
}
