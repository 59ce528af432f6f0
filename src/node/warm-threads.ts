/**
 * Scans a few built-in lines on each thread of a new node before it says that it is ready. A thread loads its program and V8
 * compiles what each scan needs in that time: otherwise the first spans of a node that joins a running job wait for it, for
 * seconds where the node has a small share of a processor.
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileQuery } from "../engine/sql/compile-query.js";
import { fieldsOfFormats } from "./format-fields.js";
import type { MapPool, ScanTask } from "./ports/map-pool.js";

const FORMAT = "combined";
const LINES = 2_000;
/** What is common to many questions: groups, sums, quantiles and texts without a kernel. */
const QUERY = `SELECT status, url, count(*), sum(bytes), p99(bytes), max(length(split_part(_raw, ' ', 7)))
  WHERE status < 900 GROUP BY status, url`;
const FILE = "warm-up.log";

/** Done when each thread has scanned. Never throws: a node whose disk is full starts as well, and is slow at first. */
export async function warmThreads(pool: MapPool, directory: string): Promise<void> {
  const path = join(directory, FILE);
  try {
    const lines = warmUpLines();
    writeFileSync(path, lines);
    const task = taskOf(path, Buffer.byteLength(lines));
    await Promise.all(Array.from({ length: pool.threads }, () => scanned(pool, task)));
  } catch {
    // What the threads cannot do now they say when they are asked for it.
  } finally {
    rmSync(path, { force: true });
  }
}

/** Lines of the format, of few kinds. */
export function warmUpLines(): string {
  return Array.from({ length: LINES }, (_, line) => {
    const address = `10.0.${line % 7}.${line % 251}`;
    const request = `GET /page/${line % 97}?id=${line} HTTP/1.1`;
    const end = `${line % 11 === 0 ? 404 : 200} ${line * 37} "https://example.org/" "Mozilla/5.0 (X11; Linux x86_64)"`;
    return `${address} - - [10/Oct/2024:13:55:${String(line % 60).padStart(2, "0")} +0000] "${request}" ${end}\n`;
  }).join("");
}

function taskOf(realPath: string, size: number): ScanTask {
  const { map } = compileQuery(QUERY, { nowMs: 0, fields: fieldsOfFormats([FORMAT]) });
  const range = { realPath, format: FORMAT, start: 0, end: size, scanSize: size };
  return { work: "warm-up", map, ranges: [{ ...range, fileName: FILE, nodeName: null, fileIndex: 0 }] };
}

const scanned = (pool: MapPool, task: ScanTask): Promise<void> =>
  new Promise((resolve, reject) => {
    pool.scan(task, { onDone: () => resolve(), onFailed: reject });
  });
