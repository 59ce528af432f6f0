/** What `dist/bin/client.js` is bundled from: the client, without its scanning threads. */

import type { Worker } from "node:worker_threads";
import { keepAhead } from "../../node/adapters/threads/thread-ahead.js";
import { runClient } from "../logmr.js";

/**
 * Runs the command of this process to its end; `process.exitCode` says how it went. `ahead` is a scanning thread that was
 * started while this was loaded.
 */
export async function runCommand(ahead?: Worker): Promise<void> {
  if (ahead !== undefined) keepAhead(ahead);
  await runClient(process.argv.slice(2));
}
