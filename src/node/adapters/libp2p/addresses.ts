/** Turns `HOST:PORT` into the multiaddrs that libp2p dials and listens on. */

import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { parseHostPort } from "../../../base/host-port.js";

/** One multiaddr for each address that the host has. Throws when the name does not resolve. */
export async function resolveMultiaddrs(address: string): Promise<readonly Multiaddr[]> {
  const { host, port } = parseHostPort(address);
  const found = await lookup(host, { all: true });
  return found.map(({ address: ip }) => tcpMultiaddr(ip, port));
}

const tcpMultiaddr = (ip: string, port: number): Multiaddr =>
  multiaddr(`/${isIPv4(ip) ? "ip4" : "ip6"}/${ip}/tcp/${port}`);
