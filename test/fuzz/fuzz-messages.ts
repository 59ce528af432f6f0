/**
 * Bytes of other nodes and of the store. Control messages, records and memories decode to something well formed or to
 * nothing; protobufs to a message or to an error of the decoder, which gRPC answers with; never to a crash.
 */

import { digestOf } from "../../src/base/digest.js";
import { nodeId } from "../../src/base/ids.js";
import { runningRecord } from "../../src/cluster/job/job-record.js";
import { decodeRecord, encodeRecord } from "../../src/cluster/job/record-codec.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import { decodeRemembered } from "../../src/cluster/membership/remembered.js";
import * as clusterMessages from "../../src/generated/logmr/v1/cluster.js";
import * as exchangeMessages from "../../src/generated/logmr/v1/exchange.js";
import * as jobMessages from "../../src/generated/logmr/v1/jobs.js";
import { DEFAULT_MAX_RESULT_BYTES, jobIdOf } from "../../src/job/request.js";
import { NO_COUNTERS } from "../../src/job/result.js";
import { decodeControl } from "../../src/node/driver/wire.js";
import type { RandomStream } from "../sim/random-stream.js";
import { toyManifest } from "../sim/toy-engine.js";
import { unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes } from "./mutate.js";

interface Codec {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

const isCodec = (value: unknown): value is Codec =>
  typeof value === "object" && value !== null && "decode" in value && "encode" in value;

const CODECS = [clusterMessages, exchangeMessages, jobMessages].flatMap((module) =>
  Object.values(module).filter(isCodec),
);

const MANIFEST = toyManifest(
  [{ source: "web", path: "a.log", size: 100, node: null }].slice(1) as never[],
  {
    jobId: jobIdOf("k"),
    clientKey: "k",
    request: { sql: "SELECT 1", allowIncomplete: false, deadlineMs: 1, maxResultBytes: DEFAULT_MAX_RESULT_BYTES },
    planner: nodeId("m0"),
  },
  { kind: "range", level: 0 },
  1,
);
const RESULT = encodeResult({
  columns: [
    { name: "n", type: "i64" },
    { name: "x", type: "f64" },
  ],
  rows: [
    [1n, 0.5],
    [null, Number.NaN],
  ],
  counters: NO_COUNTERS,
});
const RECORD = encodeRecord({
  ...runningRecord(MANIFEST),
  state: "COMPLETED",
  coverage: 1,
  result: { encoded: () => RESULT, sizeBytes: RESULT.length },
});

const MEMBER = {
  id: "m0",
  name: "a",
  incarnation: 1,
  listen: "127.0.0.1:1",
  grpc: "127.0.0.1:2",
  http: "",
  threads: 2,
  zone: "",
  sources: [{ name: "web", shared: true }],
  protocolVersion: 1,
  semanticsVersion: 1,
  state: "alive",
};
const CONTROL: readonly (readonly [number, object])[] = [
  [1, { kind: "compare", digests: "0123456789abcdef0123456789abcdef" }],
  [1, { kind: "sync", members: [MEMBER], buckets: { of: 2, numbers: [0, 1] } }],
  [1, { kind: "news", members: [MEMBER] }],
  [1, { kind: "ping", number: 1, about: MEMBER }],
  [1, { kind: "ping-request", number: 1, target: "m1" }],
  [1, { kind: "ack", number: 1, from: MEMBER }],
  [
    2,
    { kind: "announce", jobId: "j", state: "RUNNING", manifestDigest: "d", copies: [{ node: "m0", incarnation: 1 }] },
  ],
  [2, { kind: "beacon", jobs: [{ jobId: "j", manifestDigest: "d", doneBytes: 1, doneSpans: 1 }] }],
  [2, { kind: "retired", jobId: "j", manifestDigest: "d" }],
];

const ODD: readonly unknown[] = [null, 0, -1, 1.5, 1e300, "", "x", true, [], {}, [null], { a: 1 }, "x".repeat(300)];

/** The same tree with one value replaced or one key gone. */
function mutateTree(value: unknown, random: RandomStream): unknown {
  if (random.chance(0.15) || value === null || typeof value !== "object") return random.pick(ODD);
  const entries = Object.entries(value);
  if (entries.length === 0) return random.pick(ODD);
  const [key, inner] = random.pick(entries);
  const changed = random.chance(0.2) ? undefined : mutateTree(inner, random);
  if (Array.isArray(value)) return value.map((entry: unknown, index) => (String(index) === key ? changed : entry));
  return { ...value, [key]: changed };
}

function controlRound(random: RandomStream): void {
  const [core, message] = random.pick(CONTROL);
  const text = Buffer.from(JSON.stringify(mutateTree(message, random)) ?? "");
  const bytes = new Uint8Array(
    Buffer.concat([
      Uint8Array.of(random.chance(0.95) ? core : random.integer(0, 255)),
      random.chance(0.7) ? text : mutateBytes(text, random),
    ]),
  );
  unlessRefused([], bytes, () => decodeControl(bytes));
  unlessRefused([], text, () => decodeRemembered(new Uint8Array(text)));
}

const HEADER_AT = 24;

/** A record whose header is anything, under a checksum that holds. */
function recordRound(random: RandomStream): void {
  let bytes = RECORD;
  if (random.chance(0.5)) {
    bytes = mutateBytes(RECORD, random);
  } else {
    const length = new DataView(RECORD.buffer, RECORD.byteOffset).getUint32(20, true);
    const header: unknown = JSON.parse(Buffer.from(RECORD.subarray(HEADER_AT, HEADER_AT + length)).toString());
    const text = Buffer.from(JSON.stringify(mutateTree(header, random)) ?? "");
    bytes = new Uint8Array(Buffer.concat([RECORD.subarray(0, HEADER_AT), text, RECORD.subarray(HEADER_AT + length)]));
    new DataView(bytes.buffer).setUint32(20, text.length, true);
  }
  if (bytes.length >= HEADER_AT && random.chance(0.9))
    bytes.set(Buffer.from(digestOf(bytes.subarray(20)).slice(0, 32), "hex"), 4);
  unlessRefused([], Buffer.from(bytes).toString("latin1"), () => decodeRecord(bytes));
}

/** Fields of any number and type, as a sender of another version may write them. */
function protobufBytes(random: RandomStream, depth: number): Uint8Array {
  const parts = Array.from({ length: random.integer(0, 6) }, () => {
    const wireType = random.pick([0, 0, 1, 2, 2, 2, 5]);
    const tag = Uint8Array.of((random.integer(1, 15) << 3) | wireType);
    if (wireType === 0) return [tag, Uint8Array.of(0x80 | random.integer(0, 127), random.integer(0, 127))];
    if (wireType !== 2) return [tag, new Uint8Array(wireType === 1 ? 8 : 4).fill(random.integer(0, 255))];
    const inner = depth > 0 && random.chance(0.4) ? protobufBytes(random, depth - 1) : Buffer.from("text\u00e9");
    return [tag, Uint8Array.of(inner.length & 0x7f), inner];
  });
  return new Uint8Array(Buffer.concat(parts.flat()));
}

function protobufRound(random: RandomStream): void {
  const codec = random.pick(CODECS);
  const written = protobufBytes(random, 3);
  const bytes = random.chance(0.5) ? written : mutateBytes(written, random);
  // What was decoded can be sent on.
  unlessRefused(["Error", "RangeError"], bytes, () => codec.encode(codec.decode(bytes) as never).finish());
}

export const MESSAGES: FuzzTarget = {
  name: "messages",
  weight: 12,
  run(random) {
    random.pick([controlRound, controlRound, recordRound, protobufRound])(random);
    return 1;
  },
};
