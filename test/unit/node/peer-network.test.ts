import { afterEach, expect, test } from "vitest";
import type { NodeId } from "../../../src/base/ids.js";
import { temporaryIdentity } from "../../../src/node/adapters/libp2p/identity.js";
import { type Libp2pPeerNetwork, openPeerNetwork } from "../../../src/node/adapters/libp2p/peer-network.js";

/** A node that remembers what happened to it, and lets a test wait for an event. */
class Recorder {
  readonly events: string[] = [];
  readonly network: Libp2pPeerNetwork;
  readonly #waiting = new Set<() => void>();

  constructor(network: Libp2pPeerNetwork) {
    this.network = network;
    network.start({
      onConnected: (peer) => this.#add(`connected ${peer}`),
      onDisconnected: (peer) => this.#add(`disconnected ${peer}`),
      onDialFailed: (address) => this.#add(`dial failed ${address}`),
      onMessage: (from, message) => this.#add(`message ${from} ${text(message)}`),
      onGossip: (from, message) => this.#add(`gossip ${from} ${text(message)}`),
    });
  }

  #add(event: string): void {
    this.events.push(event);
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when the event has happened `times` times. */
  until(event: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.events.filter((happened) => happened === event).length < times) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).slice(0, 40);
const bytes = (message: string): Uint8Array => new TextEncoder().encode(message);

const opened: Libp2pPeerNetwork[] = [];

async function openNode(): Promise<Recorder> {
  const network = await openPeerNetwork(await temporaryIdentity(), "127.0.0.1:0");
  opened.push(network);
  return new Recorder(network);
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((network) => network.stop()));
});

async function connect(from: Recorder, to: Recorder): Promise<void> {
  from.network.dial(to.network.listen);
  await Promise.all([from.until(`connected ${to.network.self}`), to.until(`connected ${from.network.self}`)]);
}

test("A dialled node and its dialler both learn of the connection and send each other messages in order", async () => {
  const left = await openNode();
  const right = await openNode();
  await connect(left, right);
  for (const word of ["one", "two", "three"]) left.network.send(right.network.self, bytes(word));
  right.network.send(left.network.self, bytes("back"));
  await right.until(`message ${left.network.self} three`);
  await left.until(`message ${right.network.self} back`);
  const words = right.events.filter((event) => event.startsWith("message")).map((event) => event.split(" ")[2]);
  expect(words).toEqual(["one", "two", "three"]);
});

test("Gossip reaches a node that only a third one is connected to, signed by its origin", async () => {
  const [left, middle, right] = [await openNode(), await openNode(), await openNode()];
  await connect(left, middle);
  await connect(right, middle);
  const publishUntilHeard = setInterval(() => left.network.publish(bytes(`news`)), 100);
  await right.until(`gossip ${left.network.self} news`).finally(() => clearInterval(publishUntilHeard));
  expect(left.events.filter((event) => event.startsWith("gossip"))).toEqual([]);
});

test("Publishing alone and sending to strangers are dropped silently", async () => {
  const lone = await openNode();
  lone.network.publish(bytes("anyone?"));
  lone.network.send("12D3KooWGatU2DoDjxw4DYtUFH18rUBsAHcsEM6x2SvMwnsiFgFH" as NodeId, bytes("hello?"));
  expect(lone.events).toEqual([]);
});

test("A dial that nobody answers is reported with its address", async () => {
  const lone = await openNode();
  const gone = await openNode();
  await gone.network.stop();
  lone.network.dial(gone.network.listen);
  lone.network.dial("no-such-host.invalid:7400");
  await lone.until(`dial failed ${gone.network.listen}`);
  await lone.until("dial failed no-such-host.invalid:7400");
});

test("After a peer went away, a new connection carries messages again", async () => {
  const left = await openNode();
  const right = await openNode();
  await connect(left, right);
  left.network.send(right.network.self, bytes("before"));
  await right.until(`message ${left.network.self} before`);
  await right.network.stop();
  await left.until(`disconnected ${right.network.self}`);
  const next = await openNode();
  await connect(left, next);
  left.network.send(next.network.self, bytes("after"));
  await next.until(`message ${left.network.self} after`);
});

test("A message over the frame's cap breaks the stream, not the node, and later messages arrive", async () => {
  const left = await openNode();
  const right = await openNode();
  await connect(left, right);
  left.network.send(right.network.self, new Uint8Array(300 * 1024));
  const repeat = setInterval(() => left.network.send(right.network.self, bytes("still here")), 50);
  await right.until(`message ${left.network.self} still here`).finally(() => clearInterval(repeat));
});
