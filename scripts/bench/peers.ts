/** The engines beside us: installed on demand into a folder of their own, never into the product's dependencies. */

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";

const PACKAGES = { "@duckdb/node-api": "1.5.6-r.1", chdb: "3.4.0" };
export const ENGINES = ["duckdb", "chdb"] as const;
export type Engine = (typeof ENGINES)[number];

/** The runner script of each engine; none, with a reason on stderr, where they cannot be installed. */
export function installEngines(say: (text: string) => void): ReadonlyMap<Engine, string> {
  const directory = join(packageRoot(), ".cache/peers");
  const manifest = `${JSON.stringify({ private: true, dependencies: PACKAGES }, null, 2)}\n`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), manifest);
  if (!Object.keys(PACKAGES).every((name) => existsSync(join(directory, "node_modules", name)))) {
    say("installing the peers …");
    const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: directory,
      encoding: "utf8",
    });
    if (status !== 0) {
      say(`skipped: DuckDB and ClickHouse could not be installed: ${stderr.trim().split("\n").at(-1)}`);
      return new Map();
    }
  }
  return new Map(
    ENGINES.map((engine) => {
      const runner = join(directory, `${engine}.mjs`);
      copyFileSync(join(packageRoot(), "scripts/bench/runners", `${engine}.mjs`), runner);
      return [engine, runner];
    }),
  );
}
