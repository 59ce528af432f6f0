/**
 * Sets up, then runs a compiled script of this folder: `node scripts/run.mjs bench --size 64MiB`. Without a name it only
 * sets up.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, setUp } from "./setup.mjs";

setUp();
const [name, ...args] = process.argv.slice(2);
if (name !== undefined) {
  const script = join(root, `dist/scripts/${name}.js`);
  const outcome = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  process.exit(outcome.status ?? 1);
}
