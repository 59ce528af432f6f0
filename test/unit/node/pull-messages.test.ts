import fc from "fast-check";
import { expect, test } from "vitest";
import { ExchangeService, type PullResponse } from "../../../src/generated/logmr/v1/exchange.js";
import {
  pullManyResponseFromBytes,
  pullManyResponseToBytes,
  pullResponseFromBytes,
  pullResponseToBytes,
} from "../../../src/node/adapters/grpc/pull-messages.js";

const generated = ExchangeService.pull;

const bytesOf = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31) % 251));

const chunkOf = (length: number): PullResponse => ({ event: { $case: "chunk", value: { data: bytesOf(length) } } });

/** Around those lengths at which a length takes one byte more, or from which bytes are not copied. */
const LENGTHS = [0, 1, 127, 128, 1015, 1016, 1017, 1018, 1019, 1023, 1024, 1025, 16_376, 16_383, 16_384, 1_048_576];

test.each(LENGTHS)("A chunk of %i bytes is written as the generated code writes it, and comes back", (length) => {
  const written = pullResponseToBytes(chunkOf(length));
  expect(written.equals(generated.responseSerialize(chunkOf(length)))).toBe(true);
  const { event } = pullResponseFromBytes(written);
  expect(event?.$case === "chunk" && event.value.data.equals(bytesOf(length))).toBe(true);
});

test.each([0, 500, 1024, 100_000])(
  "A chunk of %i bytes of one pull among many is written as the generated code does",
  (length) => {
    const message = { number: 300, response: chunkOf(length) };
    const written = pullManyResponseToBytes(message);
    expect(written.equals(ExchangeService.pullMany.responseSerialize(message))).toBe(true);
    expect(pullManyResponseFromBytes(written)).toEqual(message);
  },
);

test("Other answers are read and written as by the generated code", () => {
  const detail = "x".repeat(5000);
  const failure: PullResponse = { event: { $case: "failure", value: { code: 1, detail } } };
  const written = pullResponseToBytes(failure);
  expect(written.equals(generated.responseSerialize(failure))).toBe(true);
  expect(pullResponseFromBytes(written)).toEqual(failure);
});

/** What comes of a message: its content, or that it is refused. */
function outcome(read: (message: Buffer) => PullResponse, message: Buffer): PullResponse | "refused" {
  try {
    return read(message);
  } catch {
    return "refused";
  }
}

test("A chunk that is cut, followed by more or changed means what it means to the generated code", () => {
  const written = pullResponseToBytes(chunkOf(3000));
  const twice = Buffer.concat([written, pullResponseToBytes(chunkOf(2000))]);
  const change = fc.record({ at: fc.nat(12), byte: fc.nat(255), end: fc.integer({ min: 1, max: twice.length }) });
  fc.assert(
    fc.property(change, ({ at, byte, end }) => {
      const message = Buffer.from(twice.subarray(0, end));
      message[Math.min(at, end - 1)] = byte;
      expect(outcome(pullResponseFromBytes, message)).toEqual(outcome(generated.responseDeserialize, message));
    }),
    { numRuns: 300 },
  );
});
