import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { open } from "lmdb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobId } from "../../src/base/ids.js";
import { runningRecord } from "../../src/cluster/job/job-record.js";
import { encodeRecord } from "../../src/cluster/job/record-codec.js";
import { manifestDigest } from "../../src/job/manifest.js";
import { GrpcExchange } from "../../src/node/adapters/grpc/exchange.js";
import { NodeClient } from "../../src/node/adapters/grpc/node-client.js";
import { manifestOf, memberOf } from "../unit/cluster/cluster-cores.js";
import { type NodeProcess, Processes, runClient, runNode } from "./node-process.js";

const SQL = "SELECT count(*) AS n FROM 'web:*.log'";
const LINE = '10.0.0.1 - - [10/Oct/2024:13:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "-"\n';
const OVER_CAP_BYTES = 5 * 1024 * 1024;

const processes = new Processes();
const logs = join(processes.directory, "logs");
let node: NodeProcess;

beforeAll(async () => {
  mkdirSync(logs);
  writeFileSync(join(logs, "access.log"), LINE.repeat(3));
  writeFileSync(join(processes.directory, "secret.log"), LINE);
  node = await processes.node(["--logs", `web=${logs}`, "--threads", "1"]);
  expect((await runClient(["submit", SQL, "--node", node.grpc, "--id", "before", "--wait"])).stdout).toBe('{"n":3}\n');
});
afterAll(() => processes.close());

/** It answers, and what it knew before is there. */
async function expectAlive(): Promise<void> {
  const client = new NodeClient(node.grpc);
  const { table } = await client.result((await client.jobs())[0]?.id ?? "");
  client.close();
  expect([...table.rows]).toEqual([[3n]]);
}

/** A call with bytes of the caller's own. */
function callRaw(method: string, bytes: Buffer): Promise<ServiceError | null> {
  const options = { "grpc.max_send_message_length": -1 };
  const client = new Client(node.grpc, credentials.createInsecure(), options);
  const identity = (message: Buffer): Buffer => message;
  return new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(method, identity, identity, bytes, (error) => resolve(error));
  }).finally(() => client.close());
}

describe("A node refuses, and lives on after", () => {
  test.each([
    ["Submit", "logmr.v1.Jobs"],
    ["GetStatus", "logmr.v1.Jobs"],
    ["ListSources", "logmr.v1.Cluster"],
  ])("a message that is none: %s", async (method, service) => {
    const error = await callRaw(`/${service}/${method}`, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]));
    expect(error?.code).toBe(status.INTERNAL);
    await expectAlive();
  });

  test("a message beyond the cap", async () => {
    const error = await callRaw("/logmr.v1.Jobs/Submit", Buffer.alloc(OVER_CAP_BYTES));
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
    await expectAlive();
  });

  test("a method that it does not have", async () => {
    expect((await callRaw("/logmr.v1.Jobs/Drop", Buffer.alloc(0)))?.code).toBe(status.UNIMPLEMENTED);
    await expectAlive();
  });

  test.each(["listen", "grpc", "http"] as const)("bytes without sense at its %s listener", async (listener) => {
    const [host = "", port] = node[listener].split(":");
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), host, () => socket.end(Buffer.alloc(100_000, "no protocol \0\xff\r\n\r\n")));
      socket.on("error", () => undefined);
      // Whatever the node says to it has to be taken, or its end is never seen.
      socket.resume();
      socket.on("close", () => resolve());
    });
    await expectAlive();
  });

  test.each([
    ["a job that nobody knows", ["status", "0123456789abcdef0123"], 3, /no reachable node knows a job/],
    ["what is no job's id", ["result", "../../etc/shadow"], 3, /no reachable node knows a job/],
    ["a known key with another request", ["submit", `${SQL} WHERE status = 1`, "--id", "before"], 2, /another --id/],
    ["a source that is not there", ["submit", "SELECT 1 FROM 'wab:*'"], 3, /did you mean "web"/],
    ["a way out of the source", ["query", "SELECT count(*) FROM 'web:../secret.log'"], 3, /no file of "web" matches/],
    ["a system file", ["query", "SELECT count(*) FROM 'web:../../etc/shadow'"], 3, /no file of "web" matches/],
    ["a system file by its path", ["query", "SELECT count(*) FROM 'web:/etc/shadow'"], 3, /no file of "web" matches/],
    ["more holders than there are", ["query", SQL, "--expect-holders", "2"], 5, /holders: 1 of 2/],
    ["more copies than it can make", ["submit", `${SQL} LIMIT 9`, "--durability", "2"], 6, /1 durable copies of the 2/],
    ["a priority that there is not", ["submit", SQL, "--priority", "urgent"], 2, /low, normal, high/],
  ])("%s", async (_what, command, code, message) => {
    const refused = await runClient([...command, "--node", node.grpc]);
    expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
    await expectAlive();
  });

  test("to compute for a manifest of another semantics version", async () => {
    const exchange = new GrpcExchange();
    const member = { ...memberOf("it"), grpc: node.grpc };
    const manifest = { ...manifestOf([1], { key: "of the future" }), semanticsVersion: 99 };
    const record = encodeRecord(runningRecord(manifest));
    const durable = await new Promise((resolve) => exchange.replicate(member, record, resolve));
    expect(durable).toBe(true);
    const request = { kind: "map" as const, vertex: "r0.0.0", manifestDigest: manifestDigest(manifest) };
    const refused = await new Promise((resolve) => {
      exchange.pull(
        member,
        { jobId: manifest.jobId as JobId, ...request },
        {
          onProgress: () => undefined,
          onPartial: () => resolve("a partial"),
          onFailure: (failure, detail) => resolve({ failure, detail }),
        },
      );
    });
    exchange.close();
    expect(refused).toMatchObject({ failure: "declined", detail: expect.stringContaining("semantics version") });
    const job = JSON.parse((await runClient(["status", manifest.jobId, "--node", node.grpc])).stdout);
    expect(job).toMatchObject({ state: "RUNNING", bytesDone: 0 });
  });
});

describe("A node does not start", () => {
  const free = ["listen", "grpc", "http"].flatMap((name) => [`--${name}`, "127.0.0.1:0"]);

  test("over the LMDB file of something else, which stays as it is", async () => {
    const dataDir = join(processes.directory, "foreign");
    mkdirSync(dataDir);
    const foreign = open({ path: join(dataDir, "store.lmdb"), noSubdir: true });
    await foreign.put("hello", "world");
    await foreign.close();
    const refused = await runNode([...free, "--data-dir", dataDir]);
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/no store of logmr .*hello/) });
    const kept = open({ path: join(dataDir, "store.lmdb"), noSubdir: true });
    expect(kept.get("hello")).toBe("world");
    await kept.close();
  });

  test("with a file of peers that cannot be read", async () => {
    const refused = await runNode([...free, "--peers-file", join(processes.directory, "nowhere")]);
    expect(refused).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("cannot read the file of peers"),
    });
  });
});

test("A node whose file of peers names another later joins it then", async () => {
  const peers = join(processes.directory, "peers");
  writeFileSync(peers, "# nobody yet\n");
  const alone = await processes.node(["--peers-file", peers, "--name", "alone"]);
  writeFileSync(peers, `${node.listen}\n`);
  const client = new NodeClient(alone.grpc);
  for (let states: readonly string[] = []; states.length < 2; ) {
    states = (await client.members()).filter(({ state }) => state === "alive").map(({ id }) => id);
  }
  expect((await client.sources()).files.map(({ path }) => path)).toEqual(["access.log"]);
  client.close();
});
