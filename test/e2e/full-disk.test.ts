import { execFileSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually, Processes, runClient } from "./node-process.js";

const processes = new Processes();
const logs = join(processes.directory, "logs");
const small = join(processes.directory, "small");
const DISK_BYTES = 4 * 1024 * 1024;

/** A disk of 4 MiB, where this user may mount one. */
function mountSmallDisk(): boolean {
  mkdirSync(small);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", small], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const isMounted = mountSmallDisk();
afterAll(async () => {
  if (isMounted) execFileSync("umount", ["--lazy", small]);
  await processes.close();
});

/** Leaves no byte free on the small disk. */
function fillDisk(): void {
  for (let file = 0; ; file += 1) {
    const { bavail, bsize } = statfsSync(small);
    if (bavail === 0) return;
    writeFileSync(join(small, `filler-${file}`), Buffer.alloc(bavail * bsize));
  }
}

test.skipIf(!isMounted)(
  "A node whose disk is full goes on: it answers, says that nobody has a copy, and serves its peers",
  async () => {
    mkdirSync(logs);
    const line = '10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" 200 7 "-" "agent"\n';
    writeFileSync(join(logs, "access.log"), line.repeat(50_000));
    const flags = ["--shared-logs", `web=${logs}`, "--threads", "1"];
    const full = await processes.node([...flags, "--data-dir", join(small, "data")]);
    const ask = async (sql: string, node: string): Promise<unknown> => {
      const { code, stdout, stderr } = await runClient(["query", sql, "--node", node, "--output", "json"]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    const copiesOf = async (job: string, node: string): Promise<number> =>
      (JSON.parse((await runClient(["status", job, "--node", node, "--output", "json"])).stdout) as { copies: number })
        .copies;
    expect(await ask("SELECT count(*) AS n FROM 'web:*.log'", full.grpc)).toEqual([{ n: 50_000 }]);

    fillDisk();
    const bytes = "SELECT sum(bytes) AS b, count(DISTINCT url) AS u FROM 'web:*.log'";
    expect(await ask(bytes, full.grpc)).toEqual([{ b: 350_000, u: 1 }]);
    const alone = await runClient([
      "submit",
      "SELECT max(status) AS s FROM 'web:*.log'",
      "--node",
      full.grpc,
      "--wait",
    ]);
    expect({ code: alone.code, stderr: alone.stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^logmr: job [0-9a-f]{20} runs, but no disk has taken it yet.*--durability N/),
    });
    const wanted = await runClient(["submit", bytes, "--node", full.grpc, "--durability", "1", "--id", "durable"]);
    expect(wanted.code).not.toBe(0);
    expect(wanted.stderr).toContain("0 durable copies of the 1 asked for");

    const other = await processes.node([...flags, "--join", full.listen]);
    await eventually(async () => {
      const { stdout } = await runClient(["members", "--node", other.grpc, "--output", "json"]);
      const seen = JSON.parse(stdout || "[]") as readonly { readonly state: string }[];
      return seen.filter(({ state }) => state === "alive").length === 2 ? { found: true, seen } : { seen };
    }, 15_000);
    for (const node of [full, other]) {
      const sql = `SELECT min(bytes) AS b FROM 'web:*.log' WHERE url <> '${node.id}'`;
      expect(await ask(sql, node.grpc)).toEqual([{ b: 7 }]);
      const { stdout } = await runClient(["submit", sql, "--node", node.grpc, "--id", node.id]);
      const job = stdout.trim();
      await runClient(["result", job, "--node", node.grpc]);
      expect(await copiesOf(job, node.grpc)).toBe(1);
    }
    expect(full.process.exitCode).toBeNull();
  },
);
