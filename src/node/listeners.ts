/** Which addresses a node listens on, which it tells others, and which it must not open without being asked twice. */

import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { formatHostPort, isLoopback, parseHostPort } from "../base/host-port.js";
import { ConfigError, type NodeConfig } from "./config.js";

export interface Listeners {
  readonly listen: string;
  readonly grpc: string;
  readonly http: string;
}

const DEFAULT_PORTS = { listen: 7400, grpc: 7401, http: 7402 } as const;

/** Why there is no interface to choose yet: what became of each node to join. */
export interface UnresolvedSeeds {
  readonly unresolved: readonly string[];
}

/**
 * The listeners of a configuration. Without `listen` it is loopback, or, with seeds, the interface that reaches the first
 * of them that resolves. Throws a {@link ConfigError} for a listener beyond loopback that nothing allows.
 */
export async function resolveListeners(config: NodeConfig): Promise<Listeners | UnresolvedSeeds> {
  const host = config.listen === undefined ? await defaultHost(config.join) : parseHostPort(config.listen).host;
  if (typeof host !== "string") return host;
  const listen = config.listen ?? formatHostPort({ host, port: DEFAULT_PORTS.listen });
  const listeners = {
    listen,
    grpc: config.grpc ?? formatHostPort({ host, port: DEFAULT_PORTS.grpc }),
    http: config.http ?? formatHostPort({ host, port: DEFAULT_PORTS.http }),
  };
  if (!config.insecure) await refuseOpenListeners(listeners);
  return listeners;
}

async function refuseOpenListeners(listeners: Listeners): Promise<void> {
  for (const [name, address] of Object.entries(listeners)) {
    const { host } = parseHostPort(address);
    const addresses = isLoopback(host) ? [] : await lookup(host, { all: true });
    if (addresses.every((found) => isLoopback(found.address))) continue;
    throw new ConfigError(
      "insecure-listener",
      `refusing to listen on ${address} (--${name}) without credentials: whoever reaches it could read the logs. ` +
        "Give the cluster credentials (logmr cluster init, then --token), or pass --insecure on a network that you trust",
    );
  }
}

async function defaultHost(seeds: readonly string[]): Promise<string | UnresolvedSeeds> {
  if (seeds.length === 0) return "127.0.0.1";
  const unresolved: string[] = [];
  for (const seed of seeds) {
    try {
      return await hostThatReaches(seed);
    } catch (error) {
      unresolved.push(`${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { unresolved };
}

/** The local address from which packets to `address` leave. Nothing is sent. */
async function hostThatReaches(address: string): Promise<string> {
  const { host, port } = parseHostPort(address);
  const found = await lookup(host);
  const socket = createSocket(found.family === 6 ? "udp6" : "udp4");
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(port, found.address, () => resolve(socket.address().address));
    });
  } finally {
    socket.close();
  }
}

/** The addresses that others are told: `advertise`, or the listener's host, or one that a wildcard listens on. */
export async function advertised(bound: Listeners, config: NodeConfig): Promise<Listeners> {
  const tell = async (address: string): Promise<string> => {
    const { host, port } = parseHostPort(address);
    const isWildcard = host === "0.0.0.0" || host === "::";
    return formatHostPort({ host: config.advertise ?? (isWildcard ? await reachableHost(config.join) : host), port });
  };
  return { listen: await tell(bound.listen), grpc: await tell(bound.grpc), http: await tell(bound.http) };
}

async function reachableHost(seeds: readonly string[]): Promise<string> {
  for (const seed of seeds) {
    const host = await hostThatReaches(seed).catch(() => undefined);
    if (host !== undefined) return host;
  }
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.find((found) => !found.internal && found.family === "IPv4")?.address ?? "127.0.0.1";
}
