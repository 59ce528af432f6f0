/** Queries over files whose groups do not fit the memory that they are given. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { digestOf } from "../../../src/base/digest.js";
import { encodeResult } from "../../../src/cluster/job/result-codec.js";
import { COMBINED } from "../../../src/engine/formats/access-log.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import type { AnswerTable } from "../../../src/job/result.js";
import { ThreadPool } from "../../../src/node/adapters/threads/thread-pool.js";
import { askEmbedded, runEmbedded } from "../../../src/node/embedded/embedded.js";
import { defaultMemoryBytes, parseMemorySize, threadMemoryBytes } from "../../../src/node/memory-size.js";
import type { PartialHandle, TaskEvents } from "../../../src/node/ports/map-pool.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-budget-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Each URL occurs twice, and does not compress well. */
function logOf(urls: number, prefix: string): string {
  const lines = Array.from({ length: urls }, (_, index) => {
    const url = `/${prefix}/${digestOf("url", String(index))}`;
    return `10.0.0.${index % 250} - - [10/Oct/2024:13:00:00 +0000] "GET ${url} HTTP/1.1" 200 ${index} "-" "-"\n`;
  }).join("");
  return lines + lines;
}

const TEXT = logOf(30_000, "a");
const log = join(directory, "access.log");
writeFileSync(log, TEXT);

describe.each([
  "SELECT url, count(*) AS n, sum(bytes) GROUP BY url",
  "SELECT url, max(bytes) AS most GROUP BY url ORDER BY most DESC LIMIT 7",
  "SELECT remote_addr, count(DISTINCT url) AS urls, max(url), median(bytes) GROUP BY 1 ORDER BY urls, 1",
  "SELECT count(DISTINCT url)",
  "SELECT bytes, url WHERE status = 200",
])("%s", (sql) => {
  test("has the same rows in two megabytes as in all memory there is", async () => {
    const scratch = mkdtempSync(join(directory, "scratch-"));
    vi.stubEnv("TMPDIR", scratch);
    const little = await runEmbedded({ sql, files: [log], threads: 1, memoryBytes: 2_000_000 });
    const ample = await runEmbedded({ sql, files: [log], threads: 1 });
    expect(ample.stats.spilledBytes).toBe(0);
    expect(little.stats.spilledBytes).toBeGreaterThan(1_000_000);
    expect(little.stats.groups).toBe(ample.stats.groups);
    expect(little.table).toEqual(ample.table);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

test("rows that are gone through by two at a time are refused to the first, not left out", async () => {
  const sql = "SELECT url, count(*) AS n GROUP BY url";
  const options = { sql, files: [log], threads: 1, memoryBytes: 2_000_000 };
  await askEmbedded(options, async ({ table }) => {
    const first = table.rows[Symbol.iterator]();
    first.next();
    expect([...table.rows]).toHaveLength(30_000);
    expect(() => first.next()).toThrow("one at a time");
  });
});

test("threads that spill give the answer of one that does not", async () => {
  const files = ["b", "c"].map((prefix) => join(directory, `${prefix}.log.gz`));
  // Two of more than 5 MiB are worth a second thread.
  for (const [index, file] of files.entries())
    writeFileSync(file, gzipSync(logOf(170_000, String(index)), { level: 1 }));
  const sql = "SELECT url, count(*) AS n GROUP BY url ORDER BY n DESC, url LIMIT 100";
  const little = await runEmbedded({ sql, files, threads: 2, memoryBytes: 20_000_000 });
  const ample = await runEmbedded({ sql, files, threads: 1 });
  expect(little.stats).toMatchObject({ threads: 2, groups: 340_000 });
  expect(little.stats.spilledBytes).toBeGreaterThan(10_000_000);
  expect(little.table).toEqual(ample.table);
}, 60_000);

describe("a node's threads", () => {
  const query = compileQuery(
    "SELECT url, count(*) AS n, count(DISTINCT bytes), max(user_agent) GROUP BY url ORDER BY n DESC, url",
    { nowMs: 0, fields: COMBINED.fields },
  );
  const scratch = mkdtempSync(join(directory, "node-"));
  const poolOf = (bytes: number) => new ThreadPool(1, { bytes, directory: scratch, wayOut: "free some" });
  const [little, ample] = [poolOf(2_000_000), poolOf(2 ** 30)];
  afterAll(() => Promise.all([little.close(), ample.close()]));
  const awaited = <Result>(start: (events: TaskEvents<Result>) => unknown): Promise<Result> =>
    new Promise((onDone, onFailed) => start({ onDone, onFailed }));
  const scanned = (pool: ThreadPool, start: number, end: number): Promise<Uint8Array> => {
    const place = { realPath: log, fileName: log, nodeName: null, fileIndex: 0 };
    const range = { ...place, format: "combined", start, end, scanSize: TEXT.length };
    return awaited<PartialHandle>((events) =>
      pool.scan({ work: "vertex", map: query.map, ranges: [range] }, events),
    ).then((handle) => handle.encoded());
  };
  const merged = (pool: ThreadPool, partials: readonly Uint8Array[]): Promise<Uint8Array> =>
    awaited<PartialHandle>((events) => pool.merge(query.map, partials, events)).then((handle) => handle.encoded());
  const half = Math.floor(TEXT.length / 2);

  test("scan, merge and finish in two megabytes as in all memory there is", async () => {
    const whole = await scanned(ample, 0, TEXT.length);
    expect(Buffer.compare(await scanned(little, 0, TEXT.length), whole)).toBe(0);
    const halves = [await scanned(little, 0, half), await scanned(little, half, TEXT.length)];
    expect(Buffer.compare(await merged(little, halves), whole)).toBe(0);
    const finished = (pool: ThreadPool) => awaited<AnswerTable>((events) => pool.finish(query, whole, events));
    expect(await finished(little)).toEqual(await finished(ample));
    expect(readdirSync(scratch)).toEqual([]);
  });

  test("make no answer beyond its cap", async () => {
    const whole = await scanned(ample, 0, half);
    const table = await awaited<AnswerTable>((events) => ample.finish(query, whole, events));
    const { length } = encodeResult(table);
    const capped = (mostBytes: number) =>
      awaited<AnswerTable>((events) => little.finish(query, whole, events, mostBytes));
    expect(await capped(length)).toEqual(table);
    await expect(capped(length - 1)).rejects.toMatchObject({ code: "result-too-large" });
    await expect(capped(length - 1)).rejects.toThrow(/add LIMIT or raise --max-result/);
  });
});

test("the values of one group that do not fit are refused, and the message says what to do", async () => {
  const asked = runEmbedded({ sql: "SELECT mode(url)", files: [log], threads: 1, memoryBytes: 2_000_000 });
  await expect(asked).rejects.toMatchObject({ name: "SpillError", code: "memory" });
  await expect(asked).rejects.toThrow(/one group take .* a thread has 1\.9 MiB .*raise --memory/);
});

test("a temporary directory that is not there is named", async () => {
  vi.stubEnv("TMPDIR", join(directory, "missing"));
  const asked = runEmbedded({ sql: "SELECT url GROUP BY url", files: [log], threads: 1, memoryBytes: 2_000_000 });
  await expect(asked).rejects.toMatchObject({ name: "SpillError", code: "io" });
  await expect(asked).rejects.toThrow(/missing.*TMPDIR, or raise --memory/);
});

describe("a size of memory", () => {
  test.each([
    ["64MiB", 67_108_864],
    ["512MB", 512_000_000],
    ["4 GiB", 4_294_967_296],
  ])("%s is one", (text, bytes) => expect(parseMemorySize(text)).toBe(bytes));
  test.each(["", "0", "63MiB", "512", "many", "-1GB"])("%j is none", (text) => {
    expect(parseMemorySize(text)).toBeUndefined();
  });
  test("is by default enough, and not all", () => {
    expect(defaultMemoryBytes()).toBeGreaterThanOrEqual(64 * 2 ** 20);
    expect(defaultMemoryBytes()).toBeLessThanOrEqual(4 * 2 ** 30);
  });
  test("is shared by the threads, as far as their address spaces go", () => {
    expect(threadMemoryBytes(512_000_000, 4)).toBe(128_000_000);
    expect(threadMemoryBytes(16 * 2 ** 30, 2)).toBe(3 * 2 ** 30);
  });
});
