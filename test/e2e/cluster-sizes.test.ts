import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import { tokenize } from "../../src/engine/sql/tokens.js";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest } from "../../src/job/request.js";
import { NO_COUNTERS, type ResultTable } from "../../src/job/result.js";
import { NodeClient, NodeClientError } from "../../src/node/adapters/grpc/node-client.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { caseFiles } from "../query-cases/read-cases.js";
import { eventually, type NodeProcess, Processes } from "./node-process.js";

/** Two spans, a handful of lines, and one span: with the shop's lines in the middle. */
const FILE_BYTES = [1_300_000, 0, 500_000] as const;
const AT_ONCE = 4;

/** Each query from each number of nodes takes minutes; otherwise each from one of the numbers. */
const isWhole = process.env.LOGMR_WHOLE_SUITE === "1";
const TIMEOUT_MS = isWhole ? 1_200_000 : 300_000;

/** The query-case suite, but what asks for the node or the file, or for the time of day. */
const QUERIES = caseFiles()
  .filter(({ input }) => input.endsWith("shop.log"))
  .flatMap(({ cases }) => cases)
  .filter(({ sql, expected }) => !expected.startsWith("error ") && !/_node|_file|\bnow\(/.test(sql))
  .map(({ sql }) => sql);

const processes = new Processes();
const logs = join(processes.directory, "logs");
const names = FILE_BYTES.map((_, index) => `${index}.log`);

beforeAll(async () => {
  mkdirSync(logs);
  const shop = readFileSync(caseFiles().find(({ input }) => input.endsWith("shop.log"))?.input ?? "");
  for (const [index, bytes] of FILE_BYTES.entries()) {
    const options = { ...DEFAULT_LOG_OPTIONS, seed: index + 1, length: { bytes } };
    const text = bytes === 0 ? [shop] : [...generateLog(options)].map((block) => Buffer.from(block));
    writeFileSync(join(logs, names[index] ?? ""), Buffer.concat(text));
  }
});
afterAll(() => processes.close());

/** A table as text; what was seen on the way differs where a LIMIT stops a scan. */
const textOf = (table: ResultTable): string =>
  Buffer.from(encodeResult({ ...table, counters: NO_COUNTERS })).toString();

/** The query with its FROM, or its lack of one, naming files: before the first clause that is not within parentheses. */
function fromFiles(sql: string, files: string): string {
  if (/\bFROM\s+(logs|unparsed\()/i.test(sql)) {
    return sql.replace(/\bFROM\s+logs/i, `FROM '${files}'`).replace(/\bunparsed\((logs)?\)/i, `unparsed('${files}')`);
  }
  let depth = 0;
  for (const { kind, text, start } of tokenize(sql)) {
    if (text === "(" && kind === "symbol") depth += 1;
    if (text === ")" && kind === "symbol") depth -= 1;
    const isClause = kind === "end" || (kind === "word" && /^(WHERE|GROUP|HAVING|ORDER|LIMIT|OFFSET)$/i.test(text));
    if (depth === 0 && isClause) return `${sql.slice(0, start)} FROM '${files}' ${sql.slice(start)}`;
  }
  return sql;
}

async function embeddedAnswers(directory: string, queries: readonly string[]): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const sql of queries) {
    const { table } = await runEmbedded({ sql: fromFiles(sql, `${directory}/*.log`), files: [], format: "combined" });
    answers.push(textOf(table));
  }
  return answers;
}

/** A disk that many nodes share may be too slow to acknowledge in time; the same key is the same job. */
const submitted = (client: NodeClient, key: string, request: JobRequest): Promise<string> =>
  eventually(async () => {
    try {
      return { found: (await client.submit(key, request)).jobId, seen: "" };
    } catch (error) {
      if (error instanceof NodeClientError && error.code === "unavailable") return { seen: error.message };
      throw error;
    }
  }, TIMEOUT_MS);

/** Asks all nodes in turn, some questions at a time. */
async function clusterAnswers(
  nodes: readonly NodeProcess[],
  files: string,
  queries: readonly string[],
): Promise<readonly string[]> {
  const clients = nodes.map(({ grpc }) => new NodeClient(grpc));
  const answers: string[] = [];
  const ask = async (index: number): Promise<void> => {
    const client = clients[index % clients.length];
    const sql = queries[index];
    if (client === undefined || sql === undefined) return;
    const limits = { deadlineMs: DEFAULT_DEADLINE_MS, maxResultBytes: DEFAULT_MAX_RESULT_BYTES };
    const request = { sql: fromFiles(sql, files), format: "combined", allowIncomplete: false, ...limits };
    const jobId = await submitted(client, `${files} ${nodes.length} ${index}`, request);
    answers[index] = textOf((await client.result(jobId)).table);
    await ask(index + AT_ONCE);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => ask(first)));
  } finally {
    for (const client of clients) client.close();
  }
  return answers;
}

async function startCluster(
  size: number,
  flagsOf: (index: number) => readonly string[],
): Promise<readonly NodeProcess[]> {
  const first = await processes.node(flagsOf(0));
  const joining = Array.from({ length: size - 1 }, (_, index) =>
    processes.node([...flagsOf(index + 1), "--join", first.listen]),
  );
  const nodes = [first, ...(await Promise.all(joining))];
  for (const { grpc } of nodes) {
    const client = new NodeClient(grpc);
    await eventually(async () => {
      const seen = (await client.members()).map(({ state }) => state);
      return seen.filter((state) => state === "alive").length === size ? { found: true, seen } : { seen };
    }, 20_000);
    client.close();
  }
  return nodes;
}

/** Clusters of these sizes merge next to nothing whole, so that the suite's queries come together in parts too. */
const IN_PARTS: readonly number[] = [3, 9];

/** Gives each node of a cluster its share of the files as a private source beside the one that all share. */
async function startNodes(size: number): Promise<readonly NodeProcess[]> {
  const directoryOf = (index: number): string => join(processes.directory, `own-${size}-${index}`);
  for (let index = 0; index < size; index += 1) mkdirSync(directoryOf(index));
  for (const [index, name] of names.entries()) copyFileSync(join(logs, name), join(directoryOf(index % size), name));
  return await startCluster(size, (index) => [
    ...["--shared-logs", `web=${logs}`, "--logs", `app=${directoryOf(index)}`, "--threads", "1"],
    ...(IN_PARTS.includes(size) ? ["--part-size", "16KiB"] : []),
  ]);
}

/** The private files in one directory, ordered as the cluster orders them: by node before path. */
function gatherOwn(nodes: readonly NodeProcess[]): string {
  const ranks = nodes.map(({ id }) => id).sort();
  const directory = join(processes.directory, `alike-${nodes.length}`);
  mkdirSync(directory);
  for (const [index, name] of names.entries()) {
    const rank = ranks.indexOf(nodes[index % nodes.length]?.id ?? "");
    copyFileSync(join(logs, name), join(directory, `${rank}-${name}`));
  }
  return directory;
}

describe("The query suite has the embedded answers, byte for byte", () => {
  const sizes = [1, 2, 3, 5, 9];

  test("and is large, whatever is left out of it here", () => {
    expect(QUERIES.length).toBeGreaterThan(75);
  });

  test.each(sizes)(
    "from %i nodes with a shared source, and with files of their own",
    async (size) => {
      const part = sizes.indexOf(size);
      const queries = isWhole ? QUERIES : QUERIES.filter((_, index) => index % sizes.length === part);
      const nodes = await startNodes(size);
      expect(await clusterAnswers(nodes, "web:*.log", queries)).toEqual(await embeddedAnswers(logs, queries));
      const own = gatherOwn(nodes);
      expect(await clusterAnswers(nodes, "app:*.log", queries)).toEqual(await embeddedAnswers(own, queries));
      for (const node of nodes) node.process.kill("SIGKILL");
      await Promise.all(nodes.map(({ ended }) => ended));
    },
    TIMEOUT_MS,
  );
});
