/**
 * What `dist/bin/client.cjs` is bundled from: the client, and what its scanning threads run. They share most of their code,
 * and so one code cache.
 */

import { isMainThread } from "node:worker_threads";

/** Settles when the command of this process has ended; in a scanning thread, when it listens. */
export const started: Promise<unknown> = isMainThread
  ? import("../logmr.js").then(({ runClient }) => runClient(process.argv.slice(2)))
  : import("../../node/adapters/threads/worker.js");
