import type { MessageStream } from "@libp2p/interface";
import { describe, expect, it } from "vitest";
import { withLazyWindows } from "../../../src/node/adapters/libp2p/lazy-windows.js";
import { inWholeWrites } from "../../../src/node/adapters/libp2p/whole-writes.js";

type Sent = Parameters<MessageStream["send"]>[0];

/** A list of pieces, as libp2p hands them on. */
const inPieces = (...pieces: readonly Uint8Array[]): Sent =>
  ({ subarray: () => new Uint8Array(Buffer.concat(pieces)) }) as unknown as Sent;

function linked(wrap: (connection: MessageStream) => MessageStream) {
  const sent: Sent[] = [];
  const connection = {
    send(data: Sent) {
      sent.push(data);
      return true;
    },
  };
  return { link: wrap(connection as unknown as MessageStream), sent };
}

const WINDOW_UPDATE = 1;
const NO_FLAGS = 0;
const FIN = 4;

/** A frame of yamux without data. */
function frame(type: number, flags: number, stream: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, type);
  view.setUint16(2, flags);
  view.setUint32(4, stream);
  view.setUint32(8, length);
  return bytes;
}

describe("Window updates of yamux", () => {
  it("are held back until a quarter of the window was used, of each stream by itself, and then sent as one", () => {
    const { link, sent } = linked(withLazyWindows);
    for (let update = 0; update < 6; update += 1) {
      expect(link.send(frame(WINDOW_UPDATE, NO_FLAGS, 3, 10_000))).toBe(true);
      expect(link.send(frame(WINDOW_UPDATE, NO_FLAGS, 5, 500))).toBe(true);
    }
    expect(sent).toEqual([]);
    link.send(frame(WINDOW_UPDATE, NO_FLAGS, 3, 5_536));
    expect(sent).toEqual([frame(WINDOW_UPDATE, NO_FLAGS, 3, 65_536)]);
    link.send(frame(WINDOW_UPDATE, NO_FLAGS, 3, 1));
    expect(sent.length).toBe(1);
  });

  it("go at once where they open or close a stream, with what was held back", () => {
    const { link, sent } = linked(withLazyWindows);
    link.send(frame(WINDOW_UPDATE, NO_FLAGS, 7, 100));
    link.send(frame(WINDOW_UPDATE, FIN, 7, 0));
    link.send(frame(WINDOW_UPDATE, FIN, 7, 0));
    expect(sent).toEqual([frame(WINDOW_UPDATE, FIN, 7, 100), frame(WINDOW_UPDATE, FIN, 7, 0)]);
  });

  it("are the only frames that wait", () => {
    const { link, sent } = linked(withLazyWindows);
    const others = [
      frame(2, NO_FLAGS, 0, 1),
      frame(0, NO_FLAGS, 3, 0),
      new Uint8Array(13),
      inPieces(new Uint8Array(12)),
    ];
    for (const other of others) link.send(other);
    expect(sent).toEqual(others);
  });
});

describe("What is sent in pieces", () => {
  it("goes out as one, and what is whole as it is", () => {
    const { link, sent } = linked(inWholeWrites);
    const whole = new Uint8Array([9, 9]);
    link.send(inPieces(new Uint8Array([0, 3]), new Uint8Array([1, 2, 3])));
    link.send(whole);
    expect(sent).toEqual([new Uint8Array([0, 3, 1, 2, 3]), whole]);
    expect(sent[1]).toBe(whole);
  });
});
