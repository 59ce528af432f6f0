import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobId, NodeId } from "../../../src/base/ids.js";
import { JobsClient } from "../../../src/generated/logmr/v1/jobs.js";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest } from "../../../src/job/request.js";
import type { ResultTable, Value } from "../../../src/job/result.js";
import type { JobStatus } from "../../../src/job/status.js";
import { errorInfoOf } from "../../../src/node/adapters/grpc/error-details.js";
import { GrpcExchange } from "../../../src/node/adapters/grpc/exchange.js";
import { NodeClient, type NodeClientError } from "../../../src/node/adapters/grpc/node-client.js";
import { type GrpcServer, openGrpcServer } from "../../../src/node/adapters/grpc/server.js";
import type { NodeService, SubmitRefusal } from "../../../src/node/node-service.js";
import { answerWith } from "./answering-node.js";

const ID = "0123456789abcdef0123" as JobId;

const STATUS: JobStatus = {
  id: ID,
  state: "COMPLETED",
  sql: "SELECT 1",
  coverage: 0.5,
  bytesDone: 5_000_000_000,
  bytesTotal: 10_000_000_000,
  chunksDone: 1,
  chunksTotal: 2,
  nodes: ["a", "b"],
  copies: 3,
  missing: ["web:gone.log"],
  unparsed: 7,
  manifestDigest: "d",
  root: "node-a" as NodeId,
  error: null,
  holders: 1,
  holdersTotal: 1,
  nodeProgress: [{ node: "a", bytesDone: 4_000_000_000, bytesTotal: 6_000_000_000 }],
};

let server: GrpcServer;
let client: NodeClient;
const nothing = (): void => undefined;

const serve = (answers: Partial<NodeService>): void => answerWith(server, answers);

beforeEach(async () => {
  server = await openGrpcServer("127.0.0.1:0", new GrpcExchange().server);
  client = new NodeClient(server.address);
});
afterEach(async () => {
  client.close();
  await server.stop(0);
});

const REQUEST: JobRequest = {
  sql: "SELECT count(*) FROM 'web:*'",
  format: "combined",
  sinceMs: -5,
  untilMs: 1_700_000_000_000,
  allowIncomplete: true,
  deadlineMs: 1_000,
  maxResultBytes: 2_000,
  durability: 3,
};

describe("Submit", () => {
  test("hands the whole request on, and acknowledges with id and copies", async () => {
    const seen: unknown[] = [];
    serve({
      submit: (key, request, done) => {
        seen.push([key, request]);
        done({ jobId: ID, copies: 2 });
      },
    });
    expect(await client.submit("key", REQUEST)).toEqual({ jobId: ID, copies: 2 });
    expect(seen).toEqual([["key", REQUEST]]);
  });

  test("fills in defaults, and a key of its own each time", async () => {
    const seen: [string, JobRequest][] = [];
    serve({
      submit: (key, request, done) => {
        seen.push([key, request]);
        done({ jobId: ID, copies: 1 });
      },
    });
    const raw = new JobsClient(server.address, credentials.createInsecure());
    for (let time = 0; time < 2; time += 1) {
      await new Promise<void>((resolve, reject) => {
        const request = { sql: "SELECT 1", allowIncomplete: false };
        const message = {
          clientKey: "",
          request: {
            ...request,
            format: undefined,
            sinceMs: undefined,
            untilMs: undefined,
            deadlineMs: undefined,
            maxResultBytes: undefined,
            durability: undefined,
            priority: 0 as const,
          },
        };
        raw.submit(message, new Metadata(), (error) => (error === null ? resolve() : reject(error)));
      });
    }
    raw.close();
    expect(seen[0]?.[1]).toEqual({
      sql: "SELECT 1",
      allowIncomplete: false,
      deadlineMs: DEFAULT_DEADLINE_MS,
      maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
    });
    expect(seen[0]?.[0]).not.toBe(seen[1]?.[0]);
    expect(seen[0]?.[0]).not.toBe("");
  });

  test.each<[SubmitRefusal, string, RegExp]>([
    [{ code: "invalid-query", message: "bad" }, "invalid", /^bad$/],
    [{ code: "invalid-argument", message: "bad" }, "invalid", /^bad$/],
    [{ code: "source-unknown", message: "none" }, "unknown", /^none$/],
    [{ code: "no-files", message: "none" }, "unknown", /^none$/],
    [{ code: "holders-missing", message: "b is dead" }, "precondition", /^b is dead$/],
    [{ code: "key-conflict", message: "other request" }, "conflict", /^other request$/],
    [{ code: "not-joined", message: "not yet" }, "unavailable", /^not yet$/],
    [{ code: "leaving", message: "it goes" }, "unavailable", /^it goes$/],
    [{ code: "full", message: "9 of 9" }, "limit", /^9 of 9$/],
    [{ code: "result-cap", message: "2 of 1" }, "limit", /^2 of 1$/],
    [{ code: "too-few-copies", message: "1 of 3", jobId: ID, copies: 1 }, "unavailable", new RegExp(ID)],
  ])("refuses %j by code, with its message and its reason for programs", async (refusal, clientCode, message) => {
    serve({ submit: (_key, _request, done) => done(refusal) });
    const refused = client.submit("key", REQUEST);
    const reason = refusal.code.toUpperCase().replaceAll("-", "_");
    await expect(refused).rejects.toMatchObject({ code: clientCode, reason });
    await expect(refused).rejects.toThrow(message);
  });

  test("carries the details where any gRPC library looks for them", async () => {
    const refused: SubmitRefusal = { code: "too-few-copies", message: "1 of 3", jobId: ID, copies: 1 };
    serve({ submit: (_key, _request, done) => done(refused) });
    const error = await client.submit("key", REQUEST).catch((reason: NodeClientError) => reason);
    const metadata = { job_id: ID, copies: "1" };
    const { cause } = error as NodeClientError;
    expect(errorInfoOf((cause as ServiceError).metadata)).toEqual({ reason: "TOO_FEW_COPIES", metadata });
  });

  test.each([undefined, Buffer.from("not a message \xff"), Buffer.alloc(0)])(
    "a trailer that is none of ours is no reason: %j",
    (trailer) => {
      const metadata = new Metadata();
      if (trailer !== undefined) metadata.set("grpc-status-details-bin", trailer);
      expect(errorInfoOf(metadata)).toBeUndefined();
    },
  );

  test.each<[Partial<JobRequest>, string, string, RegExp]>([
    [{ sql: " \n" }, "key", "invalid", /sql is empty/],
    [{ sql: "x".repeat(64 * 1024 + 1) }, "key", "limit", /65537 bytes/],
    [{}, "k".repeat(257), "invalid", /257 bytes/],
    [{ deadlineMs: 0 }, "key", "limit", /deadline_ms is 0/],
    [{ maxResultBytes: -1 }, "key", "limit", /max_result_bytes is -1/],
    [{ durability: -2 }, "key", "limit", /durability is -2/],
  ])("refuses %j before the node hears of it", async (change, key, clientCode, message) => {
    serve({});
    const refused = client.submit(key, { ...REQUEST, ...change });
    await expect(refused).rejects.toMatchObject({ code: clientCode });
    await expect(refused).rejects.toThrow(message);
  });
});

describe("GetStatus, Cancel, List", () => {
  test("give statuses whole", async () => {
    const cancelled: JobStatus = { ...STATUS, state: "CANCELLED", root: null, error: "by hand" };
    serve({
      status: (_id, done) => {
        done(STATUS);
        return nothing;
      },
      cancel: (_id, done) => done(cancelled),
      jobs: () => [STATUS, cancelled],
    });
    expect(await client.status(ID)).toEqual(STATUS);
    expect(await client.cancel(ID)).toEqual(cancelled);
    expect(await client.jobs()).toEqual([STATUS, cancelled]);
  });

  test("list as many jobs as one message takes, the first ones", async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => ({ ...STATUS, copies: index, sql: "x".repeat(60_000) }));
    serve({ jobs: () => jobs });
    const listed = await client.jobs();
    expect(listed.map(({ copies }) => copies)).toEqual(Array.from(listed.keys()));
    expect(listed.length).toBeGreaterThan(60);
    expect(listed.length).toBeLessThan(70);
  });

  test("say NOT_FOUND for a job that nobody knows", async () => {
    const unknown = (_id: JobId, done: (found: undefined) => void) => {
      done(undefined);
      return nothing;
    };
    serve({ status: unknown, cancel: unknown, watch: unknown, result: unknown });
    for (const ask of [client.status(ID), client.cancel(ID), client.watch(ID, nothing), client.result(ID)]) {
      await expect(ask).rejects.toMatchObject({ code: "unknown", message: expect.stringContaining(ID) });
    }
  });
});

test("A job that nobody knows who answers, while others do not, is UNAVAILABLE, with when to ask again", async () => {
  const silent = ["b" as NodeId, "c" as NodeId];
  const unanswered = (_id: JobId, done: (found: undefined, silent: readonly NodeId[]) => void) => {
    done(undefined, silent);
    return nothing;
  };
  serve({ status: unanswered, cancel: unanswered, watch: unanswered, result: unanswered, preview: unanswered });
  for (const ask of [
    client.status(ID),
    client.cancel(ID),
    client.watch(ID, nothing),
    client.result(ID),
    client.result(ID, true),
  ]) {
    const message = expect.stringMatching(/2 members .* do not answer.*ask again in 1000 ms/);
    await expect(ask).rejects.toMatchObject({ code: "unavailable", reason: "JOB_UNANSWERED", message });
  }
});

test.each(["", "nope", "0123456789ABCDEF0123", "x".repeat(10_000)])(
  "Nobody is asked about %j, which is no job's id",
  async (id) => {
    serve({});
    for (const ask of [client.status(id), client.cancel(id), client.watch(id, nothing), client.result(id)]) {
      await expect(ask).rejects.toMatchObject({ code: "unknown" });
    }
  },
);

test("WatchStatus shows each change and ends with the terminal one", async () => {
  serve({
    watch: (_id, onStatus) => {
      onStatus({ ...STATUS, state: "RUNNING", coverage: 0 });
      onStatus({ ...STATUS, state: "RUNNING", coverage: 0.25 });
      onStatus(STATUS);
      return nothing;
    },
  });
  const seen: number[] = [];
  await client.watch(ID, (status) => seen.push(status.coverage));
  expect(seen).toEqual([0, 0.25, 0.5]);
});

test("A watcher that hangs up is forgotten by the node", async () => {
  let forgotten: () => void = nothing;
  const gone = new Promise<void>((resolve) => {
    forgotten = resolve;
  });
  serve({
    watch: (_id, onStatus) => {
      onStatus({ ...STATUS, state: "RUNNING" });
      return forgotten;
    },
  });
  const raw = new JobsClient(server.address, credentials.createInsecure());
  const call = raw.watchStatus({ jobId: ID });
  call.on("error", nothing);
  call.once("data", () => call.cancel());
  await gone;
  raw.close();
});

describe("GetResult", () => {
  const serveTable = (table: ResultTable) =>
    serve({
      result: (_id, done) => {
        done({ status: STATUS, table });
        return nothing;
      },
    });
  const counters = { lines: 10, bytes: 5_000_000_000, unparsed: 1, malformedFields: 2 };

  test("gives every kind of value back as it was", async () => {
    const columns = [
      { name: "n", type: "i64" },
      { name: "x", type: "f64" },
      { name: "b", type: "bool" },
      { name: "s", type: "string" },
      { name: "t", type: "timestamp" },
    ] as const;
    const rows: readonly (readonly Value[])[] = [
      [9_223_372_036_854_775_807n, 0.1, true, "ü\u0000\n😀", 1_700_000_000_000_001n],
      [-9_223_372_036_854_775_808n, Number.POSITIVE_INFINITY, false, "", -1n],
      [170_141_183_460_469_231_731_687_303_715_884_105_727n, Number.NaN, null, null, null],
      [null, null, null, null, null],
      [0n, -0, false, "0", 0n],
    ];
    await serveTable({ columns, rows, counters });
    expect(await client.result(ID)).toEqual({ status: STATUS, table: { columns, rows, counters } });
  });

  test("streams a table far larger than a message, and an empty one", async () => {
    const columns = [{ name: "s", type: "string" }] as const;
    const rows = Array.from({ length: 20_000 }, (_, row) => [`${row} ${"x".repeat(row % 1_000)}`]);
    await serveTable({ columns, rows, counters });
    expect((await client.result(ID)).table.rows).toEqual(rows);
  });

  test("as a preview is what there is of a running job, and not its end", async () => {
    const columns = [{ name: "s", type: "string" }] as const;
    const status = { ...STATUS, state: "RUNNING" as const };
    serve({
      preview: (_id, done) => {
        done({ status, table: { columns, rows: [["so far"]], counters } });
        return nothing;
      },
    });
    expect(await client.result(ID, true)).toEqual({ status, table: { columns, rows: [["so far"]], counters } });
  });

  test("gives rows that are larger than any message, whatever stands in them and around them", async () => {
    const columns = [
      { name: "before", type: "string" },
      { name: "large", type: "string" },
      { name: "n", type: "i64" },
      { name: "after", type: "string" },
    ] as const;
    const text = "ab😀".repeat(1_500_000);
    const rows: readonly (readonly Value[])[] = [
      ["small", "row", 1n, null],
      ["x".repeat(256 * 1024 - 1), text, 2n, `y${text}`],
      [text.slice(0, 262_144), "", null, ""],
      [null, text, 3n, "z"],
      ["small", "again", 4n, ""],
    ];
    await serveTable({ columns, rows, counters });
    const { table } = await client.result(ID);
    expect(table.rows.length).toBe(rows.length);
    // Compared one by one: a difference in texts of megabytes is not to be printed.
    for (const [index, row] of rows.entries()) {
      expect(row.map((value, column) => value === table.rows[index]?.[column])).toEqual(row.map(() => true));
    }
  });

  test("of an empty table has its columns and no rows", async () => {
    const columns = [{ name: "s", type: "string" }] as const;
    await serveTable({ columns, rows: [], counters });
    expect((await client.result(ID)).table).toEqual({ columns, rows: [], counters });
  });

  test("of a failed job says why there is none", async () => {
    serve({
      result: (_id, done) => {
        done({ status: { ...STATUS, state: "FAILED", error: "INPUT_CHANGED web:a.log" } });
        return nothing;
      },
    });
    await expect(client.result(ID)).rejects.toMatchObject({
      code: "precondition",
      message: `job ${ID} is FAILED and has no result: INPUT_CHANGED web:a.log`,
    });
  });
});
