/**
 * Makes a clone ready to run: installs the packages and builds, each only when something changed since the last time.
 * Plain JavaScript on Node's own modules, since it runs before anything is installed.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const MINIMUM_NODE = [20, 19];

/** Runs a command with its output on our stderr, and ends this process with its code if it fails. */
export function run(command, args) {
  const isNpm = command === "npm";
  const outcome = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: isNpm && process.platform === "win32",
  });
  if (outcome.error) throw outcome.error;
  if (outcome.status !== 0) {
    process.stderr.write(`logmr: "${command} ${args.join(" ")}" failed\n`);
    process.exit(outcome.status ?? 1);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  process.stderr.write(`logmr needs Node ${MINIMUM_NODE.join(".")} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/** Does the work unless `stampFile` already holds `fingerprint`. */
function once(stampFile, fingerprint, work) {
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === fingerprint) return;
  work();
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, fingerprint);
}

function fingerprintOf(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    const info = statSync(path);
    if (info.isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else {
      hash.update(`${path}\0${info.size}\0${info.mtimeMs}\n`);
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest("hex");
}

/** Whether `npm ci` was run by hand: npm notes what it installed, in the form of the lock. */
function isInstalled() {
  const noted = join(root, "node_modules/.package-lock.json");
  if (!existsSync(noted)) return false;
  const packagesOf = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  const installed = packagesOf(noted);
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

export function setUp() {
  requireNode();
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  once(join(root, "node_modules/.logmr-installed"), lock, () => {
    if (isInstalled()) return;
    process.stderr.write("logmr: installing packages …\n");
    run("npm", ["ci", "--no-audit", "--no-fund"]);
  });
  const inputs = ["src", "scripts", "test/sim", "proto", "tsconfig.json", "package.json", "package-lock.json"];
  once(join(root, "dist/.built"), fingerprintOf(inputs), () => {
    process.stderr.write("logmr: building …\n");
    run(process.execPath, [join(root, "scripts/build.mjs")]);
  });
}
