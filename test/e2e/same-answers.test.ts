import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { eventually, type NodeProcess, Processes, runClient } from "./node-process.js";

const BYTES_PER_FILE = 5_000_000;
/** A rotated set: two files compressed, one of them in two members, and the one that is written to. */
const FILES = ["a.log", "a.log.1.gz", "a.log.2.gz"] as const;

/** Not at a line's end: a member may end anywhere. */
const MEMBER_BYTES = 1_234_567;

const CONTENT_OF: Readonly<Record<(typeof FILES)[number], (text: Buffer) => Buffer>> = {
  "a.log": (text) => text,
  "a.log.1.gz": (text) => gzipSync(text),
  "a.log.2.gz": (text) =>
    Buffer.concat([gzipSync(text.subarray(0, MEMBER_BYTES)), gzipSync(text.subarray(MEMBER_BYTES))]),
};

const QUERIES = [
  "SELECT status, count(*), sum(bytes), avg(bytes), min(url), max(time) {from} GROUP BY status",
  "SELECT url, count(*) AS hits {from} GROUP BY url ORDER BY hits DESC LIMIT 20",
  `SELECT date_trunc('hour', time) AS hour, p99(bytes), median(bytes), stddev(bytes), count(DISTINCT remote_addr),
     approx_count_distinct(url) {from} GROUP BY hour`,
  "SELECT time, url, status {from} WHERE status >= 500 LIMIT 50",
  "SELECT * {from} ORDER BY bytes DESC, time, url, remote_addr LIMIT 10",
  "SELECT regexp_extract(user_agent, '([A-Za-z]+)/', 1) AS name, count(*) {from} GROUP BY name",
  "SELECT url_path(url) AS path, ua_browser(user_agent) AS browser, count(*) AS hits {from} GROUP BY 1, 2 ORDER BY hits DESC LIMIT 30",
  "SELECT count(*) {from} WHERE url LIKE '%no such thing%'",
] as const;

const processes = new Processes();
const logs = join(processes.directory, "logs");
let nodes: readonly NodeProcess[] = [];

beforeAll(async () => {
  mkdirSync(logs);
  for (const [index, file] of FILES.entries()) {
    const options = { ...DEFAULT_LOG_OPTIONS, seed: index + 1, length: { bytes: BYTES_PER_FILE } };
    const text = Buffer.concat([...generateLog(options)].map((block) => Buffer.from(block)));
    writeFileSync(join(logs, file), CONTENT_OF[file](text));
  }
  const flags = ["--shared-logs", `web=${logs}`, "--threads", "1"];
  const first = await processes.node(flags);
  const others = [
    await processes.node([...flags, "--join", first.listen]),
    await processes.node([...flags, "--join", first.listen]),
  ];
  nodes = [first, ...others];
  await eventually(async () => {
    const seen = await runClient(["members", "--node", first.grpc, "--output", "json"]);
    const members = JSON.parse(seen.stdout || "[]") as readonly { readonly state: string }[];
    return members.filter(({ state }) => state === "alive").length === nodes.length ? { found: true, seen } : { seen };
  }, 5_000);
});
afterAll(() => processes.close());

describe("A question has the same answer, byte for byte, from three nodes and from this process", () => {
  test.each(QUERIES)("%s", async (query) => {
    const node = nodes[QUERIES.indexOf(query) % nodes.length];
    const embedded = await runClient([
      "query",
      query.replace("{from}", "FROM logs"),
      ...FILES.map((file) => join(logs, file)),
      "--output",
      "json",
    ]);
    const cluster = await runClient([
      "query",
      query.replace("{from}", "FROM 'web:a.log*'"),
      "--node",
      node?.grpc ?? "",
      "--output",
      "json",
    ]);
    expect(embedded.code).toBe(0);
    expect(embedded.stdout.length).toBeGreaterThan(2);
    expect(cluster).toMatchObject({ code: 0, stdout: embedded.stdout });
  });
});
