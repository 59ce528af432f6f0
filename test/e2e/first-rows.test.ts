import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES } from "../../src/job/request.js";
import type { ResultTable } from "../../src/job/result.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import { NodeClient } from "../../src/node/adapters/grpc/node-client.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { eventually, Processes } from "./node-process.js";

const FILES = 2;
const FILE_LEAVES = 5;
const NODES = 3;

const processes = new Processes();
afterAll(() => processes.close());

/** How many lines begin in the first leaves of a text. */
const linesIn = (text: Buffer, leaves: number): number => {
  const end = Math.min(text.length, leaves * LEAF_BYTES);
  let lines = 0;
  for (let at = 0; at < end; lines += 1) at = text.indexOf("\n", at) + 1 || text.length;
  return lines;
};

test("LIMIT without ORDER BY reads no more of a cluster's files than it needs, and counts that alike whoever is asked", async () => {
  const logs = join(processes.directory, "logs");
  mkdirSync(logs);
  const texts = Array.from({ length: FILES }, (_, index) => {
    const options = { ...DEFAULT_LOG_OPTIONS, seed: index + 1, length: { bytes: FILE_LEAVES * LEAF_BYTES } };
    const text = Buffer.concat([...generateLog(options)].map((block) => Buffer.from(block)));
    writeFileSync(join(logs, `${index}.log`), text);
    return text;
  });
  const flags = ["--shared-logs", `web=${logs}`, "--threads", "1"];
  const first = await processes.node(flags);
  const joining = Array.from({ length: NODES - 1 }, () => processes.node([...flags, "--join", first.listen]));
  const clients = [first, ...(await Promise.all(joining))].map(({ grpc }) => new NodeClient(grpc));
  for (const client of clients) {
    await eventually(async () => {
      const seen = (await client.members()).map(({ state }) => state);
      return seen.filter((state) => state === "alive").length === NODES ? { found: true, seen } : { seen };
    }, 20_000);
  }
  const limits = { deadlineMs: DEFAULT_DEADLINE_MS, maxResultBytes: DEFAULT_MAX_RESULT_BYTES };
  const ask = async (sql: string, key: string): Promise<readonly ResultTable[]> => {
    const tables = clients.map(async (client, index) => {
      const request = { sql: sql.replace("*.log", "web:*.log"), allowIncomplete: false, ...limits };
      return (await client.result((await client.submit(`${key} ${index}`, request)).jobId)).table;
    });
    return await Promise.all(tables);
  };
  const wholeLines = texts.reduce((sum, text) => sum + linesIn(text, FILE_LEAVES + 1), 0);
  const firstLines = linesIn(texts[0] ?? Buffer.alloc(0), 1);
  const cases: readonly (readonly [string, number])[] = [
    ["SELECT * FROM '*.log' LIMIT 7", firstLines],
    [`SELECT time, url FROM '*.log' LIMIT ${firstLines + 1}`, linesIn(texts[0] ?? Buffer.alloc(0), 2)],
    ["SELECT url FROM '*.log' WHERE status = 999 LIMIT 1", wholeLines],
    ["SELECT url FROM '*.log' LIMIT 0", 0],
  ];
  for (const [index, [sql, lines]] of cases.entries()) {
    const { table } = await runEmbedded({ sql: sql.replace("*.log", `${logs}/*.log`), files: [] });
    for (const answer of await ask(sql, `case ${index}`)) {
      expect(answer.rows).toEqual(table.rows);
      expect(answer.counters.lines).toBe(lines);
    }
  }
  for (const client of clients) client.close();
}, 60_000);
