/**
 * Many groups in little memory: `npm run bench:memory -- [--groups 10000000] [--memory 512MB] [--threads 2]`. Writes a log
 * of as many URLs, asks for some and for all of them, checks every row, and shows the peak of the process's resident memory.
 */

import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { formatByteSize } from "../src/base/byte-size.js";
import { builtFile } from "../src/base/package-root.js";

/** Prime to any number of groups that is no multiple of it: multiplied by it, groups come in no order. */
const STRIDE = 2_654_435_761n;
/** One group in so many has two lines. */
const TWICE_EVERY = 10;
const MOST_BYTES = 5_000;
const LINES_PER_WRITE = 20_000;
/** Writes the peak of the resident set at the end of the main thread, in KiB. */
const PEAK_HOOK =
  'import{isMainThread}from"node:worker_threads";if(isMainThread)process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';

const { values } = parseArgs({
  options: {
    groups: { type: "string", default: "10000000" },
    memory: { type: "string", default: "512MB" },
    threads: { type: "string", default: "2" },
  },
});
const groups = Number(values.groups);
if (!Number.isSafeInteger(groups) || groups < 1) throw new Error(`--groups ${values.groups} is no number of groups`);

const urlOf = (group: number): string => `/item/${group.toString(36)}/view`;
const groupOf = (url: string): number => Number.parseInt(url.slice("/item/".length, -"/view".length), 36);
const linesOf = (group: number): number => (group % TWICE_EVERY === 0 ? 2 : 1);
const bytesOf = (group: number): number => group % MOST_BYTES;
const total = (of: (group: number) => number): number => {
  let sum = 0;
  for (let group = 0; group < groups; group += 1) sum += of(group);
  return sum;
};

function writeLog(path: string): void {
  const file = openSync(path, "w");
  let lines: string[] = [];
  const add = (group: number): void => {
    lines.push(
      `10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET ${urlOf(group)} HTTP/1.1" 200 ${bytesOf(group)} "-" "-"\n`,
    );
    if (lines.length < LINES_PER_WRITE) return;
    writeSync(file, lines.join(""));
    lines = [];
  };
  for (let index = 0; index < groups; index += 1) add(Number((BigInt(index) * STRIDE) % BigInt(groups)));
  for (let group = 0; group < groups; group += TWICE_EVERY) add(group);
  writeSync(file, lines.join(""));
  closeSync(file);
}

/** Reads the rows of an answer one by one; throws at the end, or before, if they are not what the log holds. */
interface Check {
  readonly sql: string;
  row(cells: readonly string[]): void;
  end(): void;
}

const wrong = (what: string): Error => new Error(`The answer is wrong: ${what}`);

const TOP = 10;

function someGroups(): Check {
  const sentBy = (group: number): number => linesOf(group) * bytesOf(group);
  const order = (left: number, right: number): number => sentBy(right) - sentBy(left) || compareUrls(left, right);
  let expected: number[] = [];
  for (let group = 0; group < groups; group += 1) {
    const last = expected[TOP - 1];
    if (last === undefined || order(group, last) < 0) expected = [...expected, group].sort(order).slice(0, TOP);
  }
  let index = 0;
  return {
    sql: `SELECT url, count(*) AS n, sum(bytes) AS sent GROUP BY url ORDER BY sent DESC, url LIMIT ${TOP}`,
    row(cells) {
      checkRow(cells);
      if (groupOf(cells[0] ?? "") !== expected[index]) throw wrong(`${cells[0]} is in place ${index}`);
      index += 1;
    },
    end() {
      if (index !== expected.length) throw wrong(`it has ${index} rows`);
    },
  };
}

const compareUrls = (left: number, right: number): number => (urlOf(left) < urlOf(right) ? -1 : 1);

function allGroups(): Check {
  const seen = new Uint8Array(groups);
  let count = 0;
  let before = "";
  return {
    sql: "SELECT url, count(*) AS n, sum(bytes) AS sent GROUP BY url",
    row(cells) {
      checkRow(cells);
      const [url = ""] = cells;
      const group = groupOf(url);
      if (url <= before || seen[group] !== 0) throw wrong(`${url} comes behind ${before}`);
      before = url;
      seen[group] = 1;
      count += 1;
    },
    end() {
      if (count !== groups) throw wrong(`it has ${count} rows`);
    },
  };
}

function checkRow([url = "", lines, sent]: readonly string[]): void {
  const group = groupOf(url);
  if (urlOf(group) !== url || Number(lines) !== linesOf(group) || Number(sent) !== linesOf(group) * bytesOf(group)) {
    throw wrong(`${url} has ${lines} lines and ${sent} bytes`);
  }
}

function distinctGroups(): Check {
  const expected = `${groups},${total(linesOf)}`;
  let found = "";
  return {
    sql: "SELECT count(DISTINCT url), count(*)",
    row(cells) {
      found += cells.join();
    },
    end() {
      if (found !== expected) throw wrong(`${found} instead of ${expected}`);
    },
  };
}

async function ask(log: string, { sql, row, end }: Check): Promise<string> {
  const hook = `data:text/javascript,${encodeURIComponent(PEAK_HOOK)}`;
  const flags = ["--memory", values.memory, "--threads", values.threads, "--output", "csv", "--stats", "--quiet"];
  const child = spawn(process.execPath, ["--import", hook, builtFile("bin/logmr.js"), "query", sql, log, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += String(text);
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  let isHead = true;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!isHead) row(line.split(","));
    isHead = false;
  }
  const code = await exited;
  const stats = /^\{.*\}$/m.exec(stderr)?.[0];
  const peakKib = /^peak (\d+)$/m.exec(stderr)?.[1];
  if (code !== 0 || stats === undefined || peakKib === undefined) throw new Error(`exit ${code}: ${stderr.trim()}`);
  end();
  const { elapsedMs, spilledBytes } = JSON.parse(stats) as { elapsedMs: number; spilledBytes: number };
  const peak = formatByteSize(Number(peakKib) * 1024);
  return `${(elapsedMs / 1000).toFixed(1)} s, peak ${peak}, spilled ${formatByteSize(spilledBytes)}: ${sql}`;
}

const directory = mkdtempSync(join(tmpdir(), "logmr-bench-memory-"));
try {
  const log = join(directory, "access.log");
  process.stderr.write(`Writing a log of ${groups} URLs …\n`);
  writeLog(log);
  for (const check of [someGroups, distinctGroups, allGroups]) {
    process.stdout.write(`${await ask(log, check())}\n`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
