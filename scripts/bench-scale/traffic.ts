/** Bytes that processes of this machine received from each other over TCP, from what the kernel counts for each socket. */

import { spawnSync } from "node:child_process";

/** One end of a connection. */
interface Socket {
  readonly local: string;
  readonly peer: string;
  readonly pid: number;
  readonly receivedBytes: number;
}

const SOCKET = /^(?:ESTAB\s+)?\d+\s+\d+\s+(\S+)\s+(\S+)\s+users:\(\(.*?pid=(\d+)/;
const RECEIVED = /\bbytes_received:(\d+)/;

/** The output of `ss --tcp --info --processes --numeric --no-header`, one or two lines a socket. */
export function parseSockets(text: string): readonly Socket[] {
  const sockets: Socket[] = [];
  for (const entry of text.split(/\n(?=\S)/)) {
    const [, local, peer, pid] = SOCKET.exec(entry) ?? [];
    if (local === undefined || peer === undefined) continue;
    sockets.push({ local, peer, pid: Number(pid), receivedBytes: Number(RECEIVED.exec(entry)?.[1] ?? 0) });
  }
  return sockets;
}

/** By process, what came over the connections that two of `pids` have with each other. */
export function receivedAmong(pids: readonly number[], sockets: readonly Socket[]): ReadonlyMap<number, number> {
  const ends = new Set(sockets.filter(({ pid }) => pids.includes(pid)).map(({ local, peer }) => `${local} ${peer}`));
  const received = new Map(pids.map((pid) => [pid, 0]));
  for (const { local, peer, pid, receivedBytes } of sockets) {
    const before = received.get(pid);
    if (before !== undefined && ends.has(`${peer} ${local}`)) received.set(pid, before + receivedBytes);
  }
  return received;
}

/** Undefined where there is no `ss`. Connections that were closed are not counted. */
export function trafficAmong(pids: readonly number[]): ReadonlyMap<number, number> | undefined {
  const flags = ["--tcp", "--info", "--processes", "--numeric", "--no-header", "state", "established"];
  const { status, stdout } = spawnSync("ss", flags, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? receivedAmong(pids, parseSockets(stdout)) : undefined;
}
