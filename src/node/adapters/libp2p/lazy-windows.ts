/**
 * Yamux tells the sender of each message that its bytes were taken, in a frame of its own: as many frames as messages, each to
 * be encrypted, sent and read. Here it tells so when a quarter of the window is used. The other side never waits for what is
 * held back: three quarters are open to it.
 */

import type { MessageStream } from "@libp2p/interface";

/** Bytes that a stream may send at first before it hears of more. */
const WINDOW_BYTES = 256 * 1024;
const MOST_HELD_BYTES = WINDOW_BYTES / 4;

/** A frame without data, by yamux's specification: version, type, flags, stream, length; big-endian. */
const HEADER_BYTES = 12;
const WINDOW_UPDATE = 1;
const HEADER = { type: 1, flags: 2, stream: 4, length: 8 } as const;

/** The same connection; window updates that yamux sends on it are put together. */
export function withLazyWindows(connection: MessageStream): MessageStream {
  /** Bytes of each stream that were taken and not told of. */
  const held = new Map<number, number>();
  const send = connection.send.bind(connection);
  connection.send = (data) => {
    if (!(data instanceof Uint8Array) || data.length !== HEADER_BYTES || data[HEADER.type] !== WINDOW_UPDATE) {
      return send(data);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const stream = view.getUint32(HEADER.stream);
    const bytes = view.getUint32(HEADER.length) + (held.get(stream) ?? 0);
    const isPlain = view.getUint16(HEADER.flags) === 0;
    if (isPlain && bytes < MOST_HELD_BYTES) {
      held.set(stream, bytes);
      return true;
    }
    held.delete(stream);
    view.setUint32(HEADER.length, bytes);
    return send(data);
  };
  return connection;
}
