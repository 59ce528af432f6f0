#!/usr/bin/env node
/**
 * The `logmr` that the shell runs, and the file that scanning threads start with. What takes long begins at the same time: a
 * thread needs as long to start as the client needs to come to its scan.
 */

import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { loadBundle, runBundle } from "./bundle-script.js";
import type * as client from "./client.js";
import { startAhead } from "./start-ahead.js";

const load = (name: string): object => {
  const bundle = join(__dirname, name);
  return runBundle(loadBundle(bundle), bundle);
};

if (isMainThread) {
  const ahead = startAhead(process.argv.slice(2), __filename);
  const { runCommand } = load("client.js") as typeof client;
  void runCommand(ahead);
} else {
  load("worker.js");
}
