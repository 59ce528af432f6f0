import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest } from "../../src/job/request.js";
import { type AnswerTable, NO_COUNTERS } from "../../src/job/result.js";
import { isTerminal, type JobStatus } from "../../src/job/status.js";
import { NodeClient } from "../../src/node/adapters/grpc/node-client.js";
import { RoamingClient } from "../../src/node/adapters/grpc/roaming-client.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { eventually, type NodeProcess, Processes } from "./node-process.js";

const BYTES = 10_000_000;
const NAMES = ["one", "two", "three"] as const;
const LONG_MS = 60_000;

const processes = new Processes();
const logs = join(processes.directory, "logs");
const nodes: NodeProcess[] = [];

beforeAll(async () => {
  mkdirSync(logs);
  const blocks = [...generateLog({ ...DEFAULT_LOG_OPTIONS, length: { bytes: BYTES } })];
  writeFileSync(join(logs, "access.log"), Buffer.concat(blocks.map((block) => Buffer.from(block))));
  for (const name of NAMES) nodes.push(await processes.nodeWith(flagsOf(name, ANY_PORT, nodes[0]?.listen)));
  await allAlive();
});
afterAll(() => processes.close());

type Addresses = Pick<NodeProcess, "listen" | "grpc" | "http">;
const ANY_PORT: Addresses = { listen: "127.0.0.1:0", grpc: "127.0.0.1:0", http: "127.0.0.1:0" };

const flagsOf = (name: string, { listen, grpc, http }: Addresses, seed: string | undefined): readonly string[] => [
  ...["--listen", listen, "--grpc", grpc, "--http", http, "--name", name],
  ...["--data-dir", join(processes.directory, name), "--shared-logs", `web=${logs}`, "--threads", "1"],
  ...(seed === undefined ? [] : ["--join", seed]),
];

/** Starts a node that ended again, where it was. */
async function startAgain(index: number): Promise<void> {
  const [node, other] = [nodes[index], nodes[(index + 1) % nodes.length]];
  if (node === undefined) throw new Error(`there is no node ${index}`);
  nodes[index] = await processes.nodeWith(flagsOf(NAMES[index] ?? "", node, other?.listen));
}

async function allAlive(): Promise<void> {
  for (const { grpc } of nodes) {
    await using(grpc, (client) =>
      eventually(async () => {
        const seen = (await client.members()).map(({ state }) => state);
        return seen.filter((state) => state === "alive").length === nodes.length ? { found: true, seen } : { seen };
      }, LONG_MS),
    );
  }
}

async function using<Result>(grpc: string, use: (client: NodeClient) => Promise<Result>): Promise<Result> {
  const client = new NodeClient(grpc);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** A question that no job has asked before: nothing of it is stored. */
const question = (number: number): string =>
  `SELECT status, count(*) AS hits, sum(bytes + ${number}) AS sent, count(DISTINCT url) FROM {files} GROUP BY status`;

const requestOf = (number: number): JobRequest => ({
  sql: question(number).replace("{files}", "'web:*.log'"),
  allowIncomplete: false,
  deadlineMs: DEFAULT_DEADLINE_MS,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
});

const textOf = (table: AnswerTable): string =>
  Buffer.from(encodeResult({ ...table, counters: NO_COUNTERS })).toString();

const embeddedAnswer = async (number: number): Promise<string> =>
  textOf((await runEmbedded({ sql: question(number).replace("{files}", `'${logs}/*.log'`), files: [] })).table);

async function kill(index: number): Promise<void> {
  nodes[index]?.process.kill("SIGKILL");
  await nodes[index]?.ended;
}

/** The first status of a job that says so, or its end. */
const once = (client: NodeClient, job: string, isSo: (status: JobStatus) => boolean): Promise<JobStatus> =>
  eventually(async () => {
    const seen = await client.status(job);
    return isSo(seen) || isTerminal(seen.state) ? { found: seen, seen } : { seen };
  }, LONG_MS);

describe("A job is answered exactly", () => {
  let number = 0;

  test.each<[string, (status: JobStatus) => boolean, (status: JobStatus) => number]>([
    ["the node that took it dies as soon as it is acknowledged", () => true, () => 0],
    [
      "the node that computes its root dies in the middle",
      ({ root, bytesDone }) => root !== null && bytesDone > 0,
      ({ root }) => nodes.findIndex(({ id }) => id === root),
    ],
    [
      "a node that does neither dies in the middle",
      ({ root, bytesDone }) => root !== null && bytesDone > 0,
      ({ root }) => nodes.findIndex(({ id }, index) => index > 0 && id !== root),
    ],
  ])("when %s", async (_what, isSo, victimOf) => {
    number += 1;
    const client = new RoamingClient(nodes[0]?.grpc ?? "");
    const { jobId } = await client.submit(`kill ${number}`, { ...requestOf(number), durability: 2 });
    // The client waits at the node that took the job, and goes on elsewhere should it die.
    const answer = client.result(jobId);
    const status = await using(nodes[1]?.grpc ?? "", (other) => once(other, jobId, isSo));
    const victim = Math.max(0, victimOf(status));
    await kill(victim);
    const { table, status: end } = await answer;
    client.close();
    expect(end).toMatchObject({ state: "COMPLETED", coverage: 1, missing: [] });
    expect(textOf(table)).toBe(await embeddedAnswer(number));
    await startAgain(victim);
    await allAlive();
  });

  test("when every node dies in the middle, and all are started again: it goes on by itself", async () => {
    number += 1;
    const jobId = await using(nodes[0]?.grpc ?? "", async (client) => {
      const submitted = await client.submit(`kill ${number}`, requestOf(number));
      await once(client, submitted.jobId, ({ bytesDone }) => bytesDone > 0);
      return submitted.jobId;
    });
    await Promise.all(nodes.map((_, index) => kill(index)));
    await Promise.all(nodes.map((_, index) => startAgain(index)));
    const { table } = await using(nodes[2]?.grpc ?? "", (client) =>
      eventually(async () => {
        const seen = await client.result(jobId).catch((error: unknown) => error);
        return seen instanceof Error ? { seen: seen.message } : { found: seen as { table: AnswerTable }, seen: "" };
      }, LONG_MS),
    );
    expect(textOf(table)).toBe(await embeddedAnswer(number));
  });

  test("when the node that took it leaves in the middle: it hands over and ends with 0", async () => {
    await allAlive();
    number += 1;
    const client = new RoamingClient(nodes[0]?.grpc ?? "");
    const { jobId } = await client.submit(`kill ${number}`, { ...requestOf(number), durability: 2 });
    const answer = client.result(jobId);
    await using(nodes[1]?.grpc ?? "", (other) => once(other, jobId, ({ bytesDone }) => bytesDone > 0));
    nodes[0]?.process.kill("SIGTERM");
    expect(await nodes[0]?.ended).toBe(0);
    const { table } = await answer;
    client.close();
    expect(textOf(table)).toBe(await embeddedAnswer(number));
    const seen = await using(nodes[1]?.grpc ?? "", (other) => other.members());
    expect(seen.find(({ name }) => name === "one")?.state).toBe("left");
  });
});
