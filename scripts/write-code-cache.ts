/**
 * Part of the build: runs the bundled client over a few lines and keeps what V8 compiled on the way, next to the bundle. A
 * short query then compiles nothing.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtFile } from "../src/base/package-root.js";
import { codeCacheOf, loadBundle, runBundle } from "../src/cli/launch/bundle-script.js";

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

const bundle = builtFile("bin/client.cjs");
const directory = mkdtempSync(join(tmpdir(), "logmr-build-"));
try {
  writeFileSync(join(directory, "access.log"), `${ACCESS_LINE}\n`.repeat(100));
  writeFileSync(join(directory, "app.log"), `${JSON_LINE}\n`.repeat(100));
  const script = loadBundle(bundle);
  for (const [command = "", sql = "", file = ""] of COMMANDS) {
    process.argv.splice(2, Number.POSITIVE_INFINITY, command, sql, join(directory, file));
    await (runBundle(script, bundle) as { readonly started: Promise<void> }).started;
    if (process.exitCode) throw new Error(`the built client failed on ${sql}`);
  }
  writeFileSync(codeCacheOf(bundle), script.createCachedData());
} finally {
  rmSync(directory, { recursive: true });
}
