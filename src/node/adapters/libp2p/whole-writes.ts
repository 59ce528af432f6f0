/**
 * Noise hands over a frame in two pieces, a length of two bytes and what it is of, and TCP writes each by itself: two calls of
 * the system for a message of a few hundred bytes. Here the pieces go out together.
 */

import type { ConnectionEncrypter, MessageStream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";

export function noiseInWholeWrites(): (...components: Parameters<ReturnType<typeof noise>>) => ConnectionEncrypter {
  const open = noise();
  return (...components) => {
    const encrypter = open(...components);
    const outbound = encrypter.secureOutbound.bind(encrypter);
    const inbound = encrypter.secureInbound.bind(encrypter);
    encrypter.secureOutbound = (connection, options) => outbound(inWholeWrites(connection), options);
    encrypter.secureInbound = (connection, options) => inbound(inWholeWrites(connection), options);
    return encrypter;
  };
}

/** The same connection; the pieces of what is sent at once are copied together. */
export function inWholeWrites(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return connection;
}
