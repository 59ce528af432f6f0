/** Messages on a byte stream: four bytes of length, big-endian, then the message. */

/** Larger than any control message; a stream that announces more is broken or hostile. */
export const MAX_FRAME_BYTES = 256 * 1024;

const PREFIX_BYTES = 4;

export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Cuts what arrives back into messages. */
export class FrameDecoder {
  #pending: Uint8Array = new Uint8Array(0);

  /** The messages that `bytes` completes. Throws a RangeError when a frame announces more than the cap. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const data = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const messages: Uint8Array[] = [];
    let offset = 0;
    while (data.length - offset >= PREFIX_BYTES) {
      const length = new DataView(data.buffer, data.byteOffset + offset).getUint32(0);
      if (length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes is over the cap`);
      const end = offset + PREFIX_BYTES + length;
      if (end > data.length) break;
      messages.push(data.slice(offset + PREFIX_BYTES, end));
      offset = end;
    }
    this.#pending = data.slice(offset);
    return messages;
  }
}
