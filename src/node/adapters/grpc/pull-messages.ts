/**
 * The answers to a pull, as messages. They are what the generated code makes of them; but that copies the bytes of a partial
 * four times on the way out and once on the way in, and they are nearly all that nodes send each other.
 */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ExchangeService, type PullResponse } from "../../../generated/logmr/v1/exchange.js";

/** Field numbers with the wire type of what has a length: of a chunk in an answer, and of the bytes in a chunk. */
const CHUNK_TAG = (2 << 3) | 2;
const DATA_TAG = (1 << 3) | 2;

/** Below it nothing is gained. Tags and lengths take less, so that a longer message has all of them or is none. */
const LEAST_BYTES = 1024;

export function pullResponseToBytes(response: PullResponse): Buffer {
  if (response.event?.$case !== "chunk" || response.event.value.data.length < LEAST_BYTES) {
    return ExchangeService.pull.responseSerialize(response);
  }
  const { data } = response.event.value;
  const chunkHead = new BinaryWriter().uint32(DATA_TAG).uint32(data.length).finish();
  const head = new BinaryWriter()
    .uint32(CHUNK_TAG)
    .uint32(chunkHead.length + data.length)
    .finish();
  return Buffer.concat([head, chunkHead, data]);
}

/** The bytes of a chunk are a view of the message, which belongs to whoever reads it. */
export function pullResponseFromBytes(message: Buffer): PullResponse {
  const data = message.length < LEAST_BYTES ? undefined : dataOf(message);
  return data === undefined
    ? ExchangeService.pull.responseDeserialize(message)
    : { event: { $case: "chunk", value: { data } } };
}

/** The bytes of a message that is one chunk and nothing else. */
function dataOf(message: Buffer): Buffer | undefined {
  const reader = new BinaryReader(message);
  const isAllOfIt = (tag: number): boolean => reader.uint32() === tag && reader.uint32() === reader.len - reader.pos;
  return isAllOfIt(CHUNK_TAG) && isAllOfIt(DATA_TAG) ? message.subarray(reader.pos) : undefined;
}
