/**
 * Opens a store in a child process first: a damaged file can take the process down that maps it (SIGBUS, aborts), and
 * that had better not be the node.
 */

import { spawn } from "node:child_process";
import { packageRoot } from "../../../base/package-root.js";

/** Longer than any healthy walk; a child that hangs is a damaged file too. */
const PROBE_TIMEOUT_MS = 60_000;

/** Values are read for so long at most: a large cache on a slow disk is not worth the wait. */
const MOST_READING_MS = 20_000;

/** More than lies free in one piece, and no more than a process has to spare. */
const TRIED_BYTES = 4 * 1024 ** 2;

/** Its exit code for a file that is sound, and none of ours. */
const FOREIGN = 3;

/**
 * Walks all keys, reads the values, and compares the file's length with what its newest transaction uses: a length that is
 * damaged takes whoever reads by it out of the file. Then it asks for more room than is free within, which takes LMDB
 * through its list of free pages, in a transaction that is given up: a store whose list is damaged reads well and refuses
 * every write. Such a put says nothing, but the transaction is broken after it.
 */
const PROBE = `
import { statSync } from "node:fs";
import { ABORT, open } from "lmdb";
const [, path, ...tables] = process.argv;
const environment = open({ path, noSubdir: true, readOnly: true, encoding: "binary", maxDbs: 8 });
const { lastPageNumber, pageSize } = environment.getStats();
if ((lastPageNumber + 1) * pageSize > statSync(path).size) throw new Error("the file is cut short");
const names = [...environment.getKeys()].map(String);
if (names.length > 0 && !tables.some((table) => names.includes(table))) {
  process.stderr.write(names.slice(0, 3).join(", "));
  process.exit(${FOREIGN});
}
const readUntilMs = Date.now() + ${MOST_READING_MS};
for (const table of tables) {
  const database = environment.openDB(table, { encoding: "binary" });
  if (database === undefined) continue;
  for (const key of database.getKeys({ snapshot: false })) if (Date.now() < readUntilMs) database.getBinary(key);
}
await environment.close();
if (names.length > 0) {
  const writable = open({ path, noSubdir: true, encoding: "binary", maxDbs: 8 });
  const [table] = tables.filter((table) => names.includes(table));
  const database = writable.openDB({ name: table, encoding: "binary" });
  writable.transactionSync(() => {
    database.putSync("probe", Buffer.alloc(${TRIED_BYTES}));
    database.getBinary("probe");
    return ABORT;
  });
}
process.exit(0);
`;

/** `foreign`: an LMDB file that something else has written; `reason` says what is in it, or what went wrong. */
export interface Complaint {
  readonly kind: "damaged" | "foreign";
  readonly reason: string;
}

/** Null when the file opens and reads, and is empty or has one of these tables. */
export function probeStore(path: string, tables: readonly string[]): Promise<Complaint | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", PROBE, path, ...tables], {
      cwd: packageRoot(),
      stdio: ["ignore", "ignore", "pipe"],
      timeout: PROBE_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    child.on("error", (error) => resolve({ kind: "damaged", reason: error.message }));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(null);
      else if (code === FOREIGN) resolve({ kind: "foreign", reason: complaint });
      else resolve({ kind: "damaged", reason: signal === null ? lastLine(complaint) : `the probe died of ${signal}` });
    });
  });
}

const lastLine = (text: string): string =>
  /^\w*Error: .*$/m.exec(text)?.[0] ?? text.trim().split("\n").at(-1) ?? "the probe failed";
