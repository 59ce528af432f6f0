/** `npm start`: sets up, then runs `logmr` with the given arguments, or the report of a generated sample without any. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, setUp } from "./setup.mjs";

setUp();
let args = process.argv.slice(2);
if (args.length === 0) {
  const sample = pathToFileURL(join(root, "dist/scripts/sample-log.js")).href;
  const { ensureSampleLog } = await import(sample);
  args = ["report", await ensureSampleLog(join(root, ".cache/sample"))];
}
// Where the command was typed: npm itself goes to the root of the package, where a relative FILE would mean another.
const cwd = process.env.INIT_CWD ?? process.cwd();
const outcome = spawnSync(process.execPath, [join(root, "dist/bin/logmr.js"), ...args], { cwd, stdio: "inherit" });
process.exit(outcome.status ?? 1);
