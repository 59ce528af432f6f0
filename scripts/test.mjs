/** `npm test`: sets up, then runs the test suite; arguments go to the test runner. Ends with the counts on one line. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, setUp } from "./setup.mjs";

setUp();
const results = mkdtempSync(join(tmpdir(), "logmr-test-"));
const summary = join(results, "summary.json");
const vitest = [
  join(root, "node_modules/vitest/vitest.mjs"),
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile=${summary}`,
];
const outcome = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(summary, "utf8"));
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
} catch {
  process.stderr.write("The test runner left no summary.\n");
} finally {
  rmSync(results, { recursive: true, force: true });
}
process.exit(outcome.status ?? 1);
