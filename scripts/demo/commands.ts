/** Runs the two commands of logmr as a user does, and shows how. */

import { execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assert } from "../../src/base/assert.js";
import { builtFile } from "../../src/base/package-root.js";
import type { Workspace } from "./workspace.js";

/** Something that the demo relies on did not happen. */
export class DemoError extends Error {}

const READY_TIMEOUT_MS = 20_000;
const SHOWN_LOG_LINES = 12;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface LocalNode {
  readonly name: string;
  readonly pid: number;
  /** `HOST:PORT` of its p2p, gRPC and HTTP listeners. */
  readonly listen: string;
  readonly grpc: string;
  readonly http: string;
  /** What became of the process, and the last lines of its log. */
  report(): string;
  /** Ends it on the spot, as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a node on free ports and waits for its ready line. */
export async function startNode(
  workspace: Workspace,
  options: {
    readonly name: string;
    readonly logs: string;
    /** The logs are this node's own; otherwise every node has the same. */
    readonly isPrivate?: boolean;
    readonly join?: string;
    readonly threads?: number;
  },
): Promise<LocalNode> {
  const directory = join(workspace.directory, options.name);
  mkdirSync(directory, { recursive: true });
  const flags = ["--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
  flags.push("--name", options.name, "--data-dir", directory);
  flags.push(options.isPrivate === true ? "--logs" : "--shared-logs", `web=${options.logs}`);
  flags.push("--threads", `${options.threads ?? 1}`);
  if (options.join !== undefined) flags.push("--join", options.join);
  const logPath = join(workspace.directory, `${options.name}.stderr`);
  const log = openSync(logPath, "w");
  const child = spawn(process.execPath, [builtFile("bin/logmr-node.js"), ...flags], {
    stdio: ["ignore", "pipe", log],
  });
  closeSync(log);
  workspace.adopt(child);
  const { stdout } = child;
  assert(stdout !== null, "the node's output is piped");
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const timeout = AbortSignal.timeout(READY_TIMEOUT_MS);
  for await (const line of createInterface({ input: stdout, signal: timeout })) {
    stdout.resume();
    const { listen, grpc, http } = JSON.parse(line) as Pick<LocalNode, "listen" | "grpc" | "http">;
    return {
      name: options.name,
      pid: child.pid ?? 0,
      listen,
      grpc,
      http,
      report: () => {
        const end = child.exitCode ?? child.signalCode;
        return `${options.name} ${end === null ? "is running" : `ended (${end})`}:\n${lastLines(logPath)}`;
      },
      kill: async () => {
        child.kill("SIGKILL");
        await gone;
      },
    };
  }
  throw new DemoError(`${options.name} did not start:\n${lastLines(logPath)}`);
}

function lastLines(path: string): string {
  return readFileSync(path, "utf8").split("\n").slice(-SHOWN_LOG_LINES).join("\n");
}

/** Runs `logmr` and returns what it printed. Throws a {@link DemoError} unless it exits 0. */
export async function runLogmr(args: readonly string[]): Promise<string> {
  const command = [builtFile("bin/logmr.js"), ...args];
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, command, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new DemoError(`logmr ${args[0]} failed (exit ${error.code}): ${stderr.trim()}`));
    });
  });
}
