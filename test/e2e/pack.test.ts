/** What `npm pack` makes installs into an empty folder and answers there, without a compiler and without what builds it. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-pack-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** How npm says that it reached no registry. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|E403|network/;

function npm(
  cwd: string,
  ...args: readonly string[]
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, encoding: "utf8", timeout: 240_000 });
  return { code: status, out: stdout, err: stderr };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test("the packed product runs in an empty folder (skipped where npm reaches no registry)", (context) => {
  const pack = npm(packageRoot(), "pack", "--json", "--ignore-scripts", "--pack-destination", directory);
  expect(pack.code, pack.err).toBe(0);
  const [packed] = JSON.parse(pack.out) as readonly Packed[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  expect(paths).toContain("dist/kernels.wasm");
  const strange = paths.filter(
    (path) => !/^(?:dist\/(?:bin\/|kernels\.wasm$)|README\.md$|LICENSE$|package\.json$)/.test(path),
  );
  expect(strange).toEqual([]);

  const folder = join(directory, "empty");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  const tarball = join(directory, packed?.filename ?? "");
  const install = npm(folder, "install", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline", tarball);
  if (install.code !== 0 && OFFLINE.test(install.err))
    context.skip(`npm reached no registry: ${install.err.slice(0, 200)}`);
  expect(install.code, install.err).toBe(0);
  for (const tool of ["typescript", "assemblyscript", "esbuild", "vitest"]) {
    expect(existsSync(join(folder, "node_modules", tool)), tool).toBe(false);
  }

  const log = join(folder, "access.log");
  writeFileSync(log, '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"\n'.repeat(3));
  const bin = (name: string): string => join(folder, "node_modules/.bin", name);
  const query = [
    "query",
    "SELECT status, count(*) AS n, p99(bytes) AS p FROM logs GROUP BY 1",
    log,
    "--output",
    "json",
  ];
  const answer = spawnSync(bin("logmr"), query, { cwd: folder, encoding: "utf8" });
  expect({ code: answer.status, err: answer.stderr }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(answer.stdout)).toEqual([{ status: 200, n: 3, p: 5 }]);
  const node = spawnSync(bin("logmr-node"), ["--help"], { cwd: folder, encoding: "utf8" });
  expect(node.status, node.stderr).toBe(0);
  expect(node.stdout).toContain("--join");
}, 300_000);
