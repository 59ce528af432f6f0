/**
 * Holds the sources against the layers of `.dependency-cruiser.cjs`, and the pure cores against ambient state. First it
 * proves, on a canary tree with one violation of each rule, that the tool sees what it should see.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";

interface CruiseSummary {
  readonly violations: readonly {
    readonly rule: { readonly name: string };
    readonly from: string;
    readonly to: string;
  }[];
  readonly totalCruised: number;
}

/** Each breaks the rule it is named after, and nothing else need be seen. */
const CANARY: Readonly<Record<string, { readonly file: string; readonly source: string }>> = {
  "base-is-the-ground": { file: "src/base/canary.ts", source: 'import "../job/target.js";' },
  "job-is-pure": { file: "src/job/canary.ts", source: 'import "../engine/target.js";' },
  "engine-knows-no-cluster": { file: "src/engine/canary.ts", source: 'import "../cluster/target.js";' },
  "cluster-knows-no-engine": { file: "src/cluster/canary.ts", source: 'import "../engine/target.js";' },
  "cores-import-no-packages": { file: "src/cluster/npm-canary.ts", source: 'import "lmdb";' },
  "cores-import-no-node-modules": { file: "src/cluster/fs-canary.ts", source: 'import "node:fs";' },
  "ports-know-no-adapters": { file: "src/node/ports/canary.ts", source: 'import "../adapters/target.js";' },
  "driver-knows-no-adapters": { file: "src/node/driver/canary.ts", source: 'import "../adapters/target.js";' },
  "only-adapters-do-io": { file: "src/report/canary.ts", source: 'import "lmdb";' },
  "node-knows-no-face": { file: "src/node/canary.ts", source: 'import "../cli/target.js";' },
  "report-knows-no-command": { file: "src/report/cli-canary.ts", source: 'import "../cli/target.js";' },
  "sources-know-no-tests": { file: "src/cli/canary.ts", source: 'import "../../test/target.js";' },
  "no-cycles": { file: "src/job/back.ts", source: 'import "./cycle.js";' },
};
const CANARY_TARGETS = ["job", "engine", "cluster", "node/adapters", "cli"].map((folder) => `src/${folder}/target.ts`);

const AMBIENT =
  /\bDate\b|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bprocess\.|\bPromise\b|\basync\b/;
const PURE_FOLDERS = ["src/cluster", "src/job"];

function cruise(directory: string): CruiseSummary {
  const root = packageRoot();
  const args = [
    join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
    "src",
    "--config",
    join(root, ".dependency-cruiser.cjs"),
    "--output-type",
    "json",
  ];
  const outcome = spawnSync(process.execPath, args, { cwd: directory, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  if (outcome.stdout === "") throw new Error(`dependency-cruiser printed nothing: ${outcome.stderr}`);
  return (JSON.parse(outcome.stdout) as { summary: CruiseSummary }).summary;
}

function plantCanary(directory: string): void {
  const write = (file: string, source: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), `${source}\nexport const canary = 1;\n`);
  };
  for (const { file, source } of Object.values(CANARY)) write(file, source);
  for (const file of CANARY_TARGETS) write(file, "");
  write("test/target.ts", "");
  write("src/job/cycle.ts", 'import "./back.js";');
  writeFileSync(join(directory, "package.json"), readFileSync(join(packageRoot(), "package.json")));
  writeFileSync(join(directory, "tsconfig.json"), readFileSync(join(packageRoot(), "tsconfig.json")));
  symlinkSync(join(packageRoot(), "node_modules"), join(directory, "node_modules"));
}

/** Rules of the canary that the tool did not report. */
function unseenRules(): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), "logmr-layers-"));
  try {
    plantCanary(directory);
    const seen = new Set(cruise(directory).violations.map((violation) => `${violation.rule.name} ${violation.from}`));
    return Object.entries(CANARY)
      .filter(([rule, { file }]) => !seen.has(`${rule} ${file}`))
      .map(([rule]) => rule);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function ambientUses(): readonly string[] {
  const files = PURE_FOLDERS.flatMap((folder) =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      readFileSync(join(packageRoot(), file), "utf8")
        .split("\n")
        .map((line, index) => ({ where: `${file}:${index + 1}`, code: line.replace(/^\s*(?:\/?\*|\/\/).*/, "") }))
        .filter(({ code }) => AMBIENT.test(code))
        .map(({ where, code }) => `${where}: ${code.trim()}`),
    );
}

function main(): void {
  const unseen = unseenRules();
  if (unseen.length > 0) fail(`The layer check is blind: it did not see violations of ${unseen.join(", ")}.`);
  const { violations, totalCruised } = cruise(packageRoot());
  for (const { rule, from, to } of violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
  const ambient = ambientUses();
  for (const use of ambient) process.stderr.write(`ambient state in a pure core: ${use}\n`);
  if (violations.length + ambient.length > 0) fail("The layers do not hold.");
  process.stdout.write(
    `Layers hold: ${totalCruised} modules, ${Object.keys(CANARY).length} rules each seen to fail.\n`,
  );
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

main();
