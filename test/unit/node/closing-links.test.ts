import "../../../src/node/adapters/libp2p/with-resolvers.js";
import type { Logger, MessageStream } from "@libp2p/interface";
import { expect, test } from "vitest";
import { yamuxOnClosingLinks } from "../../../src/node/adapters/libp2p/closing-links.js";

const silence = (): Logger =>
  Object.assign(() => undefined, {
    ...{ trace: () => undefined, error: () => undefined, newScope: silence },
    enabled: false,
  });

/** A connection that takes what is sent while it is open, as libp2p's do, and throws afterwards. */
class Link extends EventTarget {
  readonly log = silence();
  readonly direction = "outbound";
  status: MessageStream["status"] = "open";
  isFull = false;
  sent = 0;
  refused = 0;
  aborted: Error | undefined;

  send(): boolean {
    if (this.status !== "open") {
      this.refused += 1;
      throw new Error(`Cannot write to a stream that is ${this.status}`);
    }
    if (this.isFull) throw new Error("the buffer is full");
    this.sent += 1;
    return true;
  }

  abort(error: Error): void {
    this.aborted = error;
    this.status = "closed";
  }
}

function linked() {
  const link = new Link();
  const muxer = yamuxOnClosingLinks()().createStreamMuxer(link as unknown as MessageStream);
  return { link, muxer };
}

/** Later than every microtask there is. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("A stream is announced on a connection that is open", async () => {
  const { link, muxer } = linked();
  await muxer.createStream();
  await settled();
  expect(link.sent).toBeGreaterThan(0);
});

test.each(["closing", "closed"] as const)(
  "A stream on a connection that is %s ends nothing but itself",
  async (status) => {
    const { link, muxer } = linked();
    const opening = muxer.createStream();
    link.status = status;
    await opening;
    await settled();
    expect([link.sent, link.refused]).toEqual([0, 0]);
    expect(link.aborted).toBeUndefined();
  },
);

test("A connection that cannot take what is sent is closed", async () => {
  const { link, muxer } = linked();
  link.isFull = true;
  await muxer.createStream();
  await settled();
  expect(link.aborted).toMatchObject({ message: "the buffer is full" });
});
