/** Nodes and clients as processes of the built package, and the end of everything that a test started. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { builtFile } from "../../src/base/package-root.js";

const NODE_FILE = builtFile("bin/logmr-node.js");
const CLIENT_FILE = builtFile("bin/logmr.js");

export interface Ready {
  readonly ready: boolean;
  readonly id: string;
  readonly listen: string;
  readonly grpc: string;
  readonly http: string;
}

export interface NodeProcess extends Ready {
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  readonly ended: Promise<number | null>;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without what a developer may have set for logmr. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LOGMR_")));

/** Starts processes, and ends them all with `close`. */
export class Processes {
  readonly directory = mkdtempSync(join(tmpdir(), "logmr-e2e-"));
  readonly #children = new Set<ChildProcess>();
  #count = 0;

  /** A node with free ports on `host` and a data directory of its own; resolves with its ready line. */
  async node(flags: readonly string[], host = "127.0.0.1", variables: NodeJS.ProcessEnv = {}): Promise<NodeProcess> {
    const listeners = ["listen", "grpc", "http"].flatMap((name) => [`--${name}`, `${host}:0`]);
    return await this.nodeWith([...listeners, ...flags], variables);
  }

  /** A node with exactly these flags and a data directory of its own. */
  async nodeWith(flags: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<NodeProcess> {
    this.#count += 1;
    const dataDir = flags.includes("--data-dir") ? [] : ["--data-dir", join(this.directory, `node-${this.#count}`)];
    const child = spawn(process.execPath, [NODE_FILE, ...flags, ...dataDir], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(), ...variables },
    });
    this.#children.add(child);
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
    const line = await Promise.race([
      new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve)),
      ended.then((code) => Promise.reject(new Error(`the node ended with ${code}: ${log}`))),
    ]);
    return { ...(JSON.parse(line) as Ready), process: child, log: () => log, ended };
  }

  async close(): Promise<void> {
    const ends = [...this.#children].map((child) => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      const end = new Promise<void>((resolve) => child.once("close", () => resolve()));
      child.kill("SIGKILL");
      return end;
    });
    await Promise.all(ends);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Runs `logmr-node` to its end: for what refuses to start. */
export const runNode = (flags: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run(NODE_FILE, flags, variables);

/** Runs `logmr`. */
export const runClient = (flags: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run(CLIENT_FILE, flags, variables);

/** Starts `logmr`, for what is sent a signal. */
export function startClient(flags: readonly string[]): {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [CLIENT_FILE, ...flags], { stdio: "ignore", env: environment() });
  return {
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => child.once("close", (code) => resolve(code))),
  };
}

function run(file: string, flags: readonly string[], variables: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { env: { ...environment(), ...variables }, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(process.execPath, [file, ...flags], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** Looks until `look` gives something; throws with what it saw last when that takes longer than `timeoutMs`. */
export async function eventually<Found>(
  look: () => Promise<{ readonly found?: Found; readonly seen: unknown }>,
  timeoutMs: number,
): Promise<Found> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const { found, seen } = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${timeoutMs} ms; last seen: ${JSON.stringify(seen)}`);
  }
}
