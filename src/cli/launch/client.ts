/** What `dist/bin/client.js` is bundled from: the client, without its scanning threads. */

import { keepAhead, type ThreadsAhead } from "../../node/adapters/threads/thread-ahead.js";
import { runClient } from "../logmr.js";

/**
 * Runs the command of this process to its end; `process.exitCode` says how it went. `ahead` are threads that were
 * started while this was loaded.
 */
export async function runCommand(ahead?: ThreadsAhead): Promise<void> {
  if (ahead !== undefined) keepAhead(ahead);
  await runClient(process.argv.slice(2));
}
