import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES } from "../../../src/node/adapters/libp2p/framing.js";

test("Messages come out as they went in, however the stream cuts them", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map(encodeFrame));
      const decoder = new FrameDecoder();
      const received: Uint8Array[] = [];
      for (let start = 0, cut = 0; start < stream.length; cut += 1) {
        const end = start + (cuts[cut % cuts.length] ?? 1);
        received.push(...decoder.push(stream.subarray(start, end)));
        start = end;
      }
      expect(received.map((message) => [...message])).toEqual(sent.map((message) => [...message]));
    }),
  );
});

test("A frame that announces more than the cap is refused before anything is kept", () => {
  const frame = encodeFrame(new Uint8Array(0));
  new DataView(frame.buffer).setUint32(0, MAX_FRAME_BYTES + 1);
  expect(() => new FrameDecoder().push(frame)).toThrow(/over the cap/);
});
