import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, Processes, runClient, runNode } from "./node-process.js";

const processes = new Processes();
const logs = join(processes.directory, "logs");
const LINE = '10.0.0.1 - - [10/Oct/2024:13:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "-"\n';

beforeAll(() => {
  mkdirSync(logs);
  writeFileSync(join(logs, "access.log"), LINE.repeat(3));
});
afterAll(() => processes.close());

describe("logmr-node does not start", () => {
  test.each([
    [["--listen", "0.0.0.0:0"], /--listen\) without credentials.*logmr cluster init.*--insecure/s],
    [["--grpc", "0.0.0.0:0", "--listen", "127.0.0.1:0"], /0\.0\.0\.0:0 \(--grpc\)/],
    [["--http", "[::]:0"], /--http/],
  ])("with a listener beyond loopback and without --insecure: %j", async (flags, message) => {
    expect(await runNode(flags)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  test.each<[readonly string[], Record<string, string>, RegExp]>([
    [["--lisen", "127.0.0.1:0"], {}, /Did you mean --listen/],
    [["surplus"], {}, /too many arguments/],
    [["--threads", "many"], {}, /--threads is "many"/],
    [["--logs", "web=/no/such/directory"], {}, /no directory/],
    [[], { LOGMR_TREADS: "1" }, /LOGMR_TREADS is no setting.*LOGMR_THREADS/],
    [[], { LOGMR_THREADS: "0" }, /LOGMR_THREADS is "0"/],
    [["--config", "/no/such/file.yaml"], {}, /cannot read the configuration file/],
  ])("with a bad setting: %j %j", async (flags, variables, message) => {
    expect(await runNode(flags, variables)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });

  test("with a configuration file that has a key too many", async () => {
    const path = join(processes.directory, "bad.yaml");
    writeFileSync(path, "zone: east\nthread: 2\n");
    const refused = await runNode(["--config", path]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "threads" in') });
  });

  test("on a port that is taken, and says which", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const free = { listen: "127.0.0.1:0", grpc: "127.0.0.1:0", http: "127.0.0.1:0" };
    for (const name of ["listen", "grpc", "http"]) {
      const flags = Object.entries({ ...free, [name]: `127.0.0.1:${port}` }).flatMap(([flag, value]) => [
        `--${flag}`,
        value,
      ]);
      const refused = await runNode([...flags, "--data-dir", join(processes.directory, "taken")]);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(`cannot listen on 127.0.0.1:${port}; choose another address with --${name}`);
    }
    await new Promise((resolve) => taken.close(resolve));
  });

  test("in a data directory that another node uses", async () => {
    const dataDir = join(processes.directory, "used");
    const owner = await processes.node(["--data-dir", dataDir]);
    const flags = ["listen", "grpc", "http"].flatMap((name) => [`--${name}`, "127.0.0.1:0"]);
    const refused = await runNode([...flags, "--data-dir", dataDir]);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`in use by process ${owner.process.pid}`),
    });
  });
});

describe("logmr-node", () => {
  test("listens beyond loopback with --insecure, and tells an address that can be reached", async () => {
    const node = await processes.node(["--insecure"], "0.0.0.0");
    expect(node.grpc).not.toMatch(/^0\.0\.0\.0/);
    expect(await runClient(["members", "--node", node.grpc])).toMatchObject({ code: 0 });
  });

  test("takes its settings from a file, the environment and flags", async () => {
    const path = join(processes.directory, "node.yaml");
    writeFileSync(path, `name: from-file\nzone: east\nthreads: 1\nlogs:\n  - web=${logs}\n`);
    const node = await processes.node(["--config", path, "--name", "from-flag"]);
    const { stdout } = await runClient(["members", "--node", node.grpc, "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        id: node.id,
        name: "from-flag",
        state: "alive",
        zone: "east",
        threads: 1,
        sources: [{ name: "web", shared: false }],
      },
    ]);
  });

  test("keeps its identity and its finished jobs over a restart, after SIGTERM and after SIGKILL", async () => {
    const flags = ["--data-dir", join(processes.directory, "kept"), "--logs", `web=${logs}`, "--threads", "1"];
    const sql = "SELECT status, count(*) AS hits FROM 'web:*.log' GROUP BY status";
    const first = await processes.node(flags);
    const { stdout: job } = await runClient(["submit", sql, "--node", first.grpc]);
    const answer = await runClient(["result", job.trim(), "--node", first.grpc]);
    expect(answer.stdout).toBe('{"status":200,"hits":3}\n');
    first.process.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const second = await processes.node(flags);
    expect(second.id).toBe(first.id);
    expect((await runClient(["result", job.trim(), "--node", second.grpc])).stdout).toBe(answer.stdout);
    second.process.kill("SIGKILL");
    await second.ended;
    const third = await processes.node(flags);
    expect(third.id).toBe(first.id);
    expect((await runClient(["result", job.trim(), "--node", third.grpc])).stdout).toBe(answer.stdout);
  });

  test("that was told to join refuses jobs until it met a peer, and joins when the peer comes", async () => {
    const seed = await processes.node(["--name", "seed", "--logs", `web=${logs}`]);
    seed.process.kill("SIGKILL");
    await seed.ended;
    const lone = await processes.node(["--name", "lone", "--join", seed.listen]);
    const refused = await runClient(["submit", "SELECT count(*) FROM 'web:*.log'", "--node", lone.grpc]);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toMatch(/join/);
    const listen = ["--listen", seed.listen, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    await processes.nodeWith([...listen, "--name", "seed", "--logs", `web=${logs}`, "--threads", "1"]);
    const answer = await eventually(async () => {
      const seen = await runClient(["query", "SELECT count(*) AS n FROM 'web:*.log'", "--node", lone.grpc]);
      return seen.code === 0 ? { found: seen.stdout, seen } : { seen };
    }, 30_000);
    expect(answer).toBe('{"n":3}\n');
  });
});
