/**
 * Yamux on connections that may close at any moment. It announces a new stream in a microtask of its own, in which the
 * connection throws once it is closed: nobody can catch that, and the process would end.
 */

import type { MessageStream, StreamMuxerFactory } from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";
import { withLazyWindows } from "./lazy-windows.js";

export function yamuxOnClosingLinks(): () => StreamMuxerFactory {
  const open = yamux();
  return () => {
    const factory = open();
    const create = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => create(withLazyWindows(neverThrowing(connection)));
    return factory;
  };
}

/**
 * What is sent on a connection that closes is lost, as it would be on its way; one that cannot take what is sent is closed.
 * The streams on it hear of its end. False stands for a full buffer, behind which they wait until then.
 */
function neverThrowing(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection);
  connection.send = (data) => {
    if (connection.status !== "open") return false;
    try {
      return send(data);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  return connection;
}
