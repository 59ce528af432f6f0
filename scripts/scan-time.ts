/**
 * Answers a question as `logmr query` does, in this process, and prints how many milliseconds the scan took: from the first
 * chunk to the last group of another thread that was merged. `node dist/scripts/scan-time.js SQL FILE THREADS [FORMAT]`
 */

import { builtFile } from "../src/base/package-root.js";
import { startAhead } from "../src/cli/launch/start-ahead.js";
import { keepAhead } from "../src/node/adapters/threads/thread-ahead.js";

const [sql, file, threads, format] = process.argv.slice(2);
if (sql === undefined || file === undefined || threads === undefined) {
  throw new Error("Usage: scan-time SQL FILE THREADS [FORMAT]");
}
// As the launcher does, before anything else is loaded.
keepAhead(startAhead(["query", sql, file, "--threads", threads], builtFile("bin")));
const { runEmbedded } = await import("../src/node/embedded/embedded.js");
const { stats } = await runEmbedded({
  sql,
  files: [file],
  threads: Number(threads),
  ...(format === undefined ? {} : { format }),
});
process.stdout.write(`${stats.scanMs.toFixed(1)}\n`);
