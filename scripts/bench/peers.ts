/** The engines beside us: installed on demand into a folder of their own, never into the product's dependencies. */

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";

const PACKAGES = { "@duckdb/node-api": "1.5.6-r.1", chdb: "3.4.0" };
/** Has the program for each platform as a package of its own. */
const RIPGREP = { "@vscode/ripgrep": "1.18.0" };
export const ENGINES = ["duckdb", "chdb"] as const;
export type Engine = (typeof ENGINES)[number];

/** The runner script of each engine; none, with a reason on stderr, where they cannot be installed. */
export function installEngines(say: (text: string) => void): ReadonlyMap<Engine, string> {
  const directory = installPackages("peers", "DuckDB and ClickHouse", PACKAGES, say);
  if (directory === undefined) return new Map();
  return new Map(
    ENGINES.map((engine) => {
      const runner = join(directory, `${engine}.mjs`);
      copyFileSync(join(packageRoot(), "scripts/bench/runners", `${engine}.mjs`), runner);
      return [engine, runner];
    }),
  );
}

/** The path of ripgrep; undefined, with a reason on stderr, where it cannot be installed. */
export function installRipgrep(say: (text: string) => void): string | undefined {
  const directory = installPackages("ripgrep", "ripgrep", RIPGREP, say);
  if (directory === undefined) return undefined;
  const program = `@vscode/ripgrep-${process.platform}-${process.arch}/bin/rg`;
  const path = join(directory, "node_modules", program);
  if (existsSync(path)) return path;
  say(`skipped: there is no ripgrep for ${process.platform}-${process.arch}`);
  return undefined;
}

/** The folder with packages in its `node_modules`; undefined, with a reason on stderr, where they cannot be installed. */
function installPackages(
  folder: string,
  title: string,
  dependencies: Readonly<Record<string, string>>,
  say: (text: string) => void,
): string | undefined {
  const directory = join(packageRoot(), ".cache", folder);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`);
  if (Object.keys(dependencies).every((name) => existsSync(join(directory, "node_modules", name)))) return directory;
  say(`installing ${title} …`);
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: directory,
    encoding: "utf8",
  });
  if (status === 0) return directory;
  say(`skipped: ${title} could not be installed: ${stderr.trim().split("\n").at(-1)}`);
  return undefined;
}
