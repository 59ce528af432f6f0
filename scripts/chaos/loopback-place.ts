/** All nodes on 127.0.0.1, where namespaces are not permitted: nothing can be kept from anyone. */

import { createServer } from "node:net";
import { ChaosError } from "./chaos-error.js";
import type { NodeAddresses, Place } from "./place.js";

/** Picks free ports for so many nodes; they stay theirs over all their lives. */
export async function openLoopback(nodes: number): Promise<Place> {
  const ports = await freePorts(nodes * 3);
  const address = (index: number): string => `127.0.0.1:${ports[index] ?? 0}`;
  return {
    name: "loopback",
    links: undefined,
    addressesOf: (node): NodeAddresses => ({
      listen: address(node * 3),
      grpc: address(node * 3 + 1),
      http: address(node * 3 + 2),
    }),
    commandOf: () => [],
    mountDisk: async () => false,
    unmountDisk: async () => undefined,
  };
}

/** Ports that were free at once, so that they differ. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new ChaosError("a listener on loopback has no port");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
