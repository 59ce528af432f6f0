/**
 * Answers a question as `logmr query` does, in this process, and prints how many milliseconds the scan took: from the first
 * chunk to the last group of another thread that was merged. `node dist/scripts/scan-time.js SQL FILE THREADS [FORMAT]`
 */

import { runEmbedded } from "../src/node/embedded/embedded.js";

const [sql, file, threads, format] = process.argv.slice(2);
if (sql === undefined || file === undefined) throw new Error("Usage: scan-time SQL FILE THREADS [FORMAT]");
const { stats } = await runEmbedded({
  sql,
  files: [file],
  threads: Number(threads),
  ...(format === undefined ? {} : { format }),
});
process.stdout.write(`${stats.scanMs.toFixed(1)}\n`);
