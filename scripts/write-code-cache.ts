/**
 * Part of the build: runs the bundled client and a bundled scanning thread over a few lines, and keeps what V8 compiled on
 * the way, next to the bundles. A short query then compiles nothing. As a thread, this file is that scanning thread.
 */

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";
import { nodeId } from "../src/base/ids.js";
import { builtFile } from "../src/base/package-root.js";
import { codeCacheOf, loadBundle, runBundle } from "../src/cli/launch/bundle-script.js";
import type * as client from "../src/cli/launch/client.js";
import { compileKernels } from "../src/engine/kernels/kernels.js";
import { newLedger } from "../src/node/adapters/threads/chunk-ledger.js";
import type { ThreadReply, ThreadRequest, ThreadStart } from "../src/node/adapters/threads/protocol.js";
import { makeQuota } from "../src/node/adapters/threads/row-quota.js";
import { EmbeddedPlanner } from "../src/node/embedded/embedded-planner.js";
import { inspectInputs } from "../src/node/embedded/inputs.js";

const ACCESS_LINE =
  '192.0.2.7 - - [02/Mar/2026:10:00:00 +0000] "GET /cart?id=7 HTTP/1.1" 200 512 "https://shop.example/" "Mozilla/5.0"';
const JSON_LINE = '{"time":"2026-03-02T10:00:00Z","level":"info","latency":1.5,"http":{"path":"/cart","bytes":512}}';

/** What most users ask first: what these run is in the cache. */
const COMMANDS = [
  ["query", "SELECT status, count(*) AS hits GROUP BY status ORDER BY hits DESC", "access.log"],
  [
    "query",
    "SELECT url, sum(bytes) AS sent WHERE status < 400 AND user_agent ~ 'Moz|Chr' GROUP BY url ORDER BY sent DESC LIMIT 10",
    "access.log",
  ],
  [
    "query",
    "SELECT date_trunc('hour', time) AS hour, count(DISTINCT remote_addr), p99(bytes) GROUP BY 1",
    "access.log",
  ],
  ["query", "SELECT * WHERE _raw LIKE '%cart%' LIMIT 1", "access.log"],
  ["query", 'SELECT level, p99(latency), sum("http.bytes") GROUP BY level', "app.log"],
];

type Client = typeof client;

const THREAD_MEMORY_BYTES = 64 * 1024 * 1024;

/** What the thread's part of them is, over both files. */
const THREAD_SQL = `SELECT date_trunc('hour', time) AS hour, url, status, level, count(*), sum(bytes), count(DISTINCT remote_addr),
  p99(bytes), p99(latency) WHERE user_agent ~ 'Moz|Chr' OR level = 'info' OR _raw LIKE '%cart%' GROUP BY 1, 2, 3, 4`;

async function warmClient(directory: string): Promise<void> {
  const bundle = builtFile("bin/client.js");
  const script = loadBundle(bundle);
  for (const [command = "", sql = "", file = ""] of COMMANDS) {
    process.argv.splice(2, Number.POSITIVE_INFINITY, command, sql, join(directory, file));
    await (runBundle(script, bundle) as Client).runCommand();
    if (process.exitCode) throw new Error(`the built client failed on ${sql}`);
  }
  writeFileSync(codeCacheOf(bundle), script.createCachedData());
}

async function warmThread(directory: string): Promise<void> {
  const files = ["access.log", "app.log"].map((file) => join(directory, file));
  const inputs = await inspectInputs(files);
  const planner = new EmbeddedPlanner(nodeId("build"), Date.now(), inputs, undefined);
  const chunks = inputs.map(({ path, size = 0 }, index) => ({
    realPath: path,
    ...{ start: 0, end: size, scanSize: size, fileIndex: index, fileName: path, nodeName: null },
    format: planner.formats[index] ?? "plain",
  }));
  const start: ThreadStart = {
    kernels: compileKernels(),
    memory: { bytes: THREAD_MEMORY_BYTES, directory, wayOut: "" },
  };
  const request: ThreadRequest = {
    ...{ kind: "scan-shared", task: 1, thread: 0, chunks },
    map: planner.compile({ sql: THREAD_SQL }).map,
    ledger: newLedger(chunks.length, 1).shared,
    quota: makeQuota(chunks.length),
  };
  const worker = new Worker(fileURLToPath(import.meta.url));
  worker.postMessage(start);
  worker.postMessage(request);
  const [reply] = (await once(worker, "message")) as [ThreadReply];
  if (reply.kind !== "rows") throw new Error(`the built thread answers with ${JSON.stringify(reply)}`);
  await once(worker, "exit");
}

function serveAsThread(): void {
  const bundle = builtFile("bin/worker.js");
  const script = loadBundle(bundle);
  process.once("exit", () => writeFileSync(codeCacheOf(bundle), script.createCachedData()));
  runBundle(script, bundle);
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "logmr-build-"));
  try {
    writeFileSync(join(directory, "access.log"), `${ACCESS_LINE}\n`.repeat(100));
    writeFileSync(join(directory, "app.log"), `${JSON_LINE}\n`.repeat(100));
    await warmThread(directory);
    await warmClient(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (isMainThread) await main();
else serveAsThread();
