import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { eventually, type NodeProcess, Processes, runClient } from "./node-process.js";

const LOG_BYTES = 20_000_000;
const NODES = 4;
/** Some ten thousands of groups are cut into a number of parts. */
const PART_SIZE = "1MiB";

const QUERIES = [
  `SELECT url, remote_addr, count(*) AS hits, sum(bytes) AS total, max(time) {from} GROUP BY url, remote_addr
     ORDER BY total DESC LIMIT 25 OFFSET 5`,
  "SELECT url, remote_addr, time, count(*) {from} GROUP BY url, remote_addr, time HAVING count(*) > 1 OR min(bytes) = 0",
  "SELECT remote_addr, count(*), avg(bytes) {from} WHERE status < 500 GROUP BY remote_addr",
  "SELECT url, bytes {from} GROUP BY url, bytes ORDER BY bytes NULLS FIRST, url DESC LIMIT 1000",
] as const;

const processes = new Processes();
const log = join(processes.directory, "logs", "access.log");
let nodes: readonly NodeProcess[] = [];

beforeAll(async () => {
  mkdirSync(join(processes.directory, "logs"));
  const options = { ...DEFAULT_LOG_OPTIONS, seed: 7, length: { bytes: LOG_BYTES } };
  writeFileSync(log, Buffer.concat([...generateLog(options)].map((block) => Buffer.from(block))));
  const shared = ["--shared-logs", `web=${join(processes.directory, "logs")}`];
  const flags = [...shared, "--threads", "1", "--part-size", PART_SIZE];
  const first = await processes.node(flags);
  const joining = Array.from({ length: NODES - 1 }, () => processes.node([...flags, "--join", first.listen]));
  nodes = [first, ...(await Promise.all(joining))];
  await eventually(async () => {
    const seen = await runClient(["members", "--node", first.grpc, "--output", "json"]);
    const members = JSON.parse(seen.stdout || "[]") as readonly { readonly state: string }[];
    return members.filter(({ state }) => state === "alive").length === NODES ? { found: true, seen } : { seen };
  }, 20_000);
}, 60_000);
afterAll(() => processes.close());

const embedded = (query: string) => runClient(["query", query.replace("{from}", "FROM logs"), log, "--output", "json"]);

const asked = (query: string, node: NodeProcess | undefined) =>
  runClient(["query", query.replace("{from}", "FROM 'web:*.log'"), "--node", node?.grpc ?? "", "--output", "json"]);

describe("A question with very many groups, merged in parts by all nodes, has the embedded answer", () => {
  test.each(QUERIES)(
    "%s",
    async (query) => {
      const expected = await embedded(query);
      expect(expected.code).toBe(0);
      const node = nodes[QUERIES.indexOf(query) % nodes.length];
      expect(await asked(query, node)).toMatchObject({ code: 0, stdout: expected.stdout });
    },
    60_000,
  );

  test("also when it is asked again, of another node", async () => {
    const [query] = QUERIES;
    expect((await asked(query, nodes[1])).stdout).toBe((await embedded(query)).stdout);
  }, 60_000);

  test("and after a node that merged parts has died", async () => {
    const [first, ...others] = nodes;
    others.at(-1)?.process.kill("SIGKILL");
    const query = "SELECT url, remote_addr, count(*) AS hits {from} GROUP BY 1, 2 ORDER BY 3, 1, 2 LIMIT 40";
    expect(await asked(query, first)).toMatchObject({ code: 0, stdout: (await embedded(query)).stdout });
  }, 60_000);
});
