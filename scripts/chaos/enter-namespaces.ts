/**
 * Starts this program again in network, mount and process namespaces of its own. All that it does there ends with its
 * first process, even if that is killed: nodes, links, mounts.
 */

import { spawn, spawnSync } from "node:child_process";

/** In the environment of the inner process: the work directory, which the outer one makes and removes. */
const DIRECTORY = "CHAOS_DIRECTORY";

const UNSHARE = ["--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"];
/** What the run needs inside; each is tried before the program is started there. */
const TRIAL = [
  "ip link set lo up",
  "ip rule add from 10.77.1.2 to 10.77.2.2 blackhole",
  "ip link add trial0 type veth peer name trial1",
  "tc qdisc add dev trial0 root tbf rate 1mbit burst 32kb latency 400ms",
  "echo 1 > /proc/sys/net/ipv4/ip_forward",
  "mount -t tmpfs tmpfs /tmp",
].join(" && ");

/** The work directory of a process that runs inside; undefined outside. */
export const insideDirectory = (): string | undefined => process.env[DIRECTORY];

const unshareFlags = (): readonly string[] => (process.getuid?.() === 0 ? UNSHARE : [...UNSHARE, "--map-root-user"]);

/** Why namespaces cannot be had on this machine; undefined when they can. */
export function namespaceProblem(): string | undefined {
  const trial = spawnSync("unshare", [...unshareFlags(), "sh", "-c", TRIAL], { encoding: "utf8" });
  if (trial.error !== undefined) return trial.error.message;
  if (trial.status === 0) return undefined;
  return trial.stderr.trim().split("\n").at(-1) ?? `the trial ended with ${trial.status}`;
}

/** Runs the same command inside, and resolves with its exit code. Signals end it as they end this process. */
export function enterNamespaces(directory: string): Promise<number> {
  const command = [...unshareFlags(), process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // The inner process watches its input: it ends when this one does, whatever became of it.
  const child = spawn("unshare", command, {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, [DIRECTORY]: directory },
    detached: true,
  });
  // In a process group of its own, the inner process is told to end by the end of its input alone, once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.stdin?.end());
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Calls `end` when the outer process has gone, or was told to go. */
export function onOuterEnd(end: () => void): void {
  process.stdin.on("end", end).on("error", end).resume();
}
