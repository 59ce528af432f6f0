import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { type NodeProcess, Processes, runClient } from "./node-process.js";

const processes = new Processes();
const logs = join(processes.directory, "logs");
afterAll(() => processes.close());

const SECONDS = 100_000;
const START_MS = Date.parse("2024-02-28T00:00:00Z");
const MONTHS = ["Jan", "Feb", "Mar"];

/** A line for each second, and now and then one that is no row. */
function logText(): string {
  return Array.from({ length: SECONDS }, (_, second) => {
    const time = new Date(START_MS + second * 1000);
    const clock = time.toISOString().slice(11, 19);
    const day = `${time.getUTCDate()}`.padStart(2, "0");
    const stamp = `${day}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${clock} +0000`;
    const line = `10.0.0.1 - - [${stamp}] "GET /${second % 100} HTTP/1.1" 200 7 "-" "agent"`;
    return second % 1000 === 0 ? "no row" : line;
  }).join("\n");
}

async function scannedBytes({ http }: NodeProcess): Promise<number> {
  const metrics = await (await fetch(`http://${http}/metrics`)).text();
  return Number(/^logmr_scanned_bytes_total (\d+)$/m.exec(metrics)?.[1]);
}

/** The rows and what was seen on the way, of a cluster or of this process. */
async function answer(flags: readonly string[]): Promise<{ readonly rows: string; readonly seen: unknown }> {
  const { code, stdout, stderr } = await runClient(["query", ...flags, "--output", "json", "--quiet", "--stats"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { lines, bytes, unparsed, malformedFields } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "{}");
  return { rows: stdout, seen: { lines, bytes, unparsed, malformedFields } };
}

test("A question about an hour reads only the ranges that an earlier question has seen to be of it, and counts all lines", async () => {
  mkdirSync(logs);
  const text = logText();
  // A plain file of several spans, whose tail may grow, and an old one that is compressed.
  writeFileSync(join(logs, "access.log"), `${text}\n`);
  writeFileSync(join(logs, "access.log.1.gz"), gzipSync(text.replaceAll("/2024:", "/2023:")));
  const plainBytes = Buffer.byteLength(text) + 1;
  const inputBytes = plainBytes + readFileSync(join(logs, "access.log.1.gz")).length;
  const node = await processes.node(["--shared-logs", `web=${logs}`, "--threads", "1"]);
  const cluster = (sql: string, ...flags: readonly string[]) =>
    answer([sql.replace("{from}", "'web:*'"), "--node", node.grpc, ...flags]);
  const embedded = (sql: string, ...flags: readonly string[]) =>
    answer([sql.replace("{from}", "logs"), join(logs, "access.log"), join(logs, "access.log.1.gz"), ...flags]);

  await cluster("SELECT date_trunc('hour', time) AS hour, count(*) FROM {from} GROUP BY hour");
  expect(await scannedBytes(node)).toBe(inputBytes);

  const sql = "SELECT method, count(*) AS hits, count(referer) FROM {from} GROUP BY method";
  const hour = ["--since", "2024-02-28T10:00:00Z", "--until", "2024-02-28T11:00:00Z"];
  expect(await cluster(sql, ...hour)).toEqual(await embedded(sql, ...hour));
  const first = (await scannedBytes(node)) - inputBytes;
  // Which fields are malformed was not counted for these: they are all read, this once.
  expect(first).toBe(inputBytes);

  const again = "SELECT referer, count(*) FROM {from} WHERE method = 'GET' GROUP BY referer";
  const other = ["--since", "2024-02-28T20:00:00Z", "--until", "2024-02-28T21:00:00Z"];
  const before = await scannedBytes(node);
  expect(await cluster(again, ...other)).toEqual(await embedded(again, ...other));
  const read = (await scannedBytes(node)) - before;
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(plainBytes / 3);
});
