import type { Log } from "./ports/log.js";
import type { PeerNetwork } from "./ports/peer-network.js";

/** The same network, with its connections written to the log. */
export function loggingPeerNetwork(network: PeerNetwork, log: Log): PeerNetwork {
  return {
    self: network.self,
    start: (handlers) =>
      network.start({
        ...handlers,
        onConnected: (peer, address) => {
          log.info({ peer, address }, "Connected");
          handlers.onConnected(peer, address);
        },
        onDisconnected: (peer) => {
          log.info({ peer }, "Disconnected");
          handlers.onDisconnected(peer);
        },
        onDialFailed: (address, reason) => {
          log.warn({ address, reason }, "Nobody answers at this address; it is tried again");
          handlers.onDialFailed(address, reason);
        },
      }),
    dial: (address) => network.dial(address),
    send: (to, message) => network.send(to, message),
    publish: (message) => network.publish(message),
  };
}
