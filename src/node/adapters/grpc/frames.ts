/** Bytes of any length over a message stream: cut into frames, written no faster than they leave, joined under a cap. */

/** One message of a stream; a quarter of the message cap, so that it never comes near it. */
export const FRAME_BYTES = 1024 * 1024;

/** Partials and job records: beyond it a peer is broken or hostile. */
export const MAX_RECORD_BYTES = 1024 * 1024 * 1024;

/** The writing half of a gRPC stream, on either side. */
export interface MessageSink<Message> {
  write(message: Message): boolean;
  once(event: "drain", listener: () => void): unknown;
}

/**
 * Writes each item as a message, in order, waiting whenever the stream is full. `isOpen` is asked before each write, and
 * false stops it; otherwise `onWritten` is called after the last one.
 */
export function writeAll<Item, Message>(
  sink: MessageSink<Message>,
  items: Iterator<Item>,
  messageOf: (item: Item) => Message,
  isOpen: () => boolean,
  onWritten: () => void,
): void {
  while (isOpen()) {
    const next = items.next();
    if (next.done === true) {
      onWritten();
      return;
    }
    if (!sink.write(messageOf(next.value))) {
      sink.once("drain", () => writeAll(sink, items, messageOf, isOpen, onWritten));
      return;
    }
  }
}

/** Views of `bytes`, at most {@link FRAME_BYTES} each; one empty frame for no bytes. */
export function* framesOf(bytes: Uint8Array): Generator<Buffer, void> {
  let start = 0;
  do {
    const end = Math.min(start + FRAME_BYTES, bytes.length);
    yield Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    start = end;
  } while (start < bytes.length);
}

/** Collects frames; `push` is false, and the frame is not kept, once more than the cap has come. */
export class FrameJoiner {
  readonly #frames: Uint8Array[] = [];
  readonly #capBytes: number;
  #lengthBytes = 0;

  constructor(capBytes: number) {
    this.#capBytes = capBytes;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  push(frame: Uint8Array): boolean {
    if (this.#lengthBytes + frame.length > this.#capBytes) return false;
    this.#frames.push(frame);
    this.#lengthBytes += frame.length;
    return true;
  }

  join(): Uint8Array {
    return this.#frames.length === 1 && this.#frames[0] !== undefined ? this.#frames[0] : Buffer.concat(this.#frames);
  }
}
