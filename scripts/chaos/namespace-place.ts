/**
 * Nodes in network namespaces of their own, joined by a router: this process's own namespace. Every node has a link to
 * the router alone, so whatever one sends to another passes it, and a routing rule there is a packet filter by direction:
 * `from A to B blackhole` drops without a word, open connections included. Token buckets at both ends make a link slow.
 *
 * The namespaces are files in the work directory that are mounted in this process's own mount namespace. They end with it,
 * like the disks: nothing is left on the machine, however the process dies.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Links, Place } from "./place.js";
import { runCommand } from "./run-command.js";

const PORTS = { listen: 7400, grpc: 7401, http: 7402 } as const;
/** A bucket of one large frame and a few small ones; what waits longer than this in it is dropped. */
const BURST_BYTES = 32 * 1024;
const QUEUE_MS = 400;

const hostOf = (node: number): string => `10.77.${node + 1}.2`;
const routerOf = (node: number): string => `10.77.${node + 1}.1`;
const deviceOf = (node: number): string => `node${node}`;

/** Must be called in a network and a mount namespace of this run's own: see {@link enterNamespaces}. */
export async function openNamespaces(directory: string, nodes: number): Promise<Place> {
  mkdirSync(directory, { recursive: true });
  await runCommand("ip", ["link", "set", "lo", "up"]);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  const namespaceOf = (node: number): string => join(directory, deviceOf(node));
  for (let node = 0; node < nodes; node += 1) await openLink(node, namespaceOf(node));
  return {
    name: "namespaces",
    links: linksOf(namespaceOf),
    addressesOf: (node) => ({
      listen: `${hostOf(node)}:${PORTS.listen}`,
      grpc: `${hostOf(node)}:${PORTS.grpc}`,
      http: `${hostOf(node)}:${PORTS.http}`,
    }),
    commandOf: (node) => ["nsenter", `--net=${namespaceOf(node)}`],
    mountDisk: async (disk, bytes) => {
      mkdirSync(disk, { recursive: true });
      await runCommand("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", disk]);
      return true;
    },
    unmountDisk: async (disk) => {
      await runCommand("umount", ["--lazy", disk]);
    },
  };
}

async function openLink(node: number, namespace: string): Promise<void> {
  writeFileSync(namespace, "");
  await runCommand("unshare", [`--net=${namespace}`, "true"]);
  const peer = ["type", "veth", "peer", "name", "eth0", "netns", namespace];
  await runCommand("ip", ["link", "add", deviceOf(node), ...peer]);
  await runCommand(
    "ip",
    ["-batch", "-"],
    `addr add ${routerOf(node)}/24 dev ${deviceOf(node)}\nlink set ${deviceOf(node)} up\n`,
  );
  await runCommand(
    "nsenter",
    [`--net=${namespace}`, "ip", "-batch", "-"],
    `link set lo up\naddr add ${hostOf(node)}/24 dev eth0\nlink set eth0 up\nroute add default via ${routerOf(node)}\n`,
  );
}

function linksOf(namespaceOf: (node: number) => string): Links {
  const rule = (verb: "add" | "del", from: number, to: number): Promise<string> =>
    runCommand("ip", ["rule", verb, "from", hostOf(from), "to", hostOf(to), "blackhole"]);
  const shaping = (node: number, end: "router" | "node", verb: "replace" | "del", bucket: readonly string[]) => {
    const device = end === "router" ? deviceOf(node) : "eth0";
    const shape = ["tc", "qdisc", verb, "dev", device, "root", ...bucket];
    const [command = "", ...args] = end === "router" ? shape : ["nsenter", `--net=${namespaceOf(node)}`, ...shape];
    return runCommand(command, args);
  };
  /** How many faults keep a direction cut. */
  const cuts = new Map<string, number>();
  const count = (from: number, to: number, step: number): number => {
    const name = `${from} ${to}`;
    cuts.set(name, (cuts.get(name) ?? 0) + step);
    return cuts.get(name) ?? 0;
  };
  return {
    cut: async (from, to) => {
      if (count(from, to, 1) === 1) await rule("add", from, to);
    },
    restore: async (from, to) => {
      if (count(from, to, -1) === 0) await rule("del", from, to);
    },
    slow: async (node, bitsPerSecond) => {
      const bucket = ["tbf", "rate", `${bitsPerSecond}bit`, "burst", `${BURST_BYTES}`, "latency", `${QUEUE_MS}ms`];
      await shaping(node, "router", "replace", bucket);
      await shaping(node, "node", "replace", bucket);
    },
    unslow: async (node) => {
      await shaping(node, "router", "del", []);
      await shaping(node, "node", "del", []);
    },
  };
}
