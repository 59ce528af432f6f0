/** The map pool of a node, with what its data directory knows of chunks that end whatever reads them. */

import { join } from "node:path";
import { packageVersion } from "../../../base/package-root.js";
import type { Log } from "../../ports/log.js";
import { AttemptNotes } from "../isolation/attempt-notes.js";
import { SuspectBook } from "../isolation/suspect-book.js";
import type { ThreadMemory } from "./protocol.js";
import { ThreadPool } from "./thread-pool.js";

/** What the threads are at; and the pieces that are suspected or convicted, for the operator to read or delete. */
const NOTES_FILE = "attempts";
const BOOK_FILE = "quarantine.json";

/** `memory`: that of each thread. The caller has locked the data directory. */
export function openThreadPool(
  threads: number,
  memory: ThreadMemory,
  dataDir: string,
  log: Pick<Log, "warn">,
): ThreadPool {
  const book = new SuspectBook({ path: join(dataDir, BOOK_FILE), version: packageVersion(), log });
  const notes = openNotes(join(dataDir, NOTES_FILE), threads, log);
  for (const { file, start, end } of notes?.suspects ?? []) {
    log.warn({ file, start, end }, "This node died while it read a chunk: the chunk is tried alone");
  }
  return new ThreadPool(threads, memory, { book, ...(notes === undefined ? {} : { notes }) });
}

function openNotes(path: string, threads: number, log: Pick<Log, "warn">): AttemptNotes | undefined {
  try {
    return new AttemptNotes(path, threads);
  } catch (error) {
    log.warn({ path, error: String(error) }, "What the threads are at cannot be written down");
    return undefined;
  }
}
