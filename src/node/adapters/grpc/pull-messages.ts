/**
 * The answers to a pull, as messages. They are what the generated code makes of them; but that copies the bytes of a partial
 * four times on the way out and once on the way in, and they are nearly all that nodes send each other.
 */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ExchangeService, type PullManyResponse, type PullResponse } from "../../../generated/logmr/v1/exchange.js";

/** Field numbers with the wire type of what has a length: of a chunk in an answer, and of the bytes in a chunk. */
const CHUNK_TAG = (2 << 3) | 2;
const DATA_TAG = (1 << 3) | 2;

/** Of one pull among many: its number, and the answer. */
const NUMBER_TAG = 1 << 3;
const RESPONSE_TAG = (2 << 3) | 2;

/** Below it nothing is gained. Tags and lengths take less, so that a longer message has all of them or is none. */
const LEAST_BYTES = 1024;

export function pullResponseToBytes(response: PullResponse): Buffer {
  const pieces = piecesOf(response);
  return pieces === undefined ? ExchangeService.pull.responseSerialize(response) : Buffer.concat(pieces);
}

export function pullManyResponseToBytes(message: PullManyResponse): Buffer {
  const { number, response } = message;
  const pieces = response === undefined ? undefined : piecesOf(response);
  if (pieces === undefined) return ExchangeService.pullMany.responseSerialize(message);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = new BinaryWriter().uint32(NUMBER_TAG).int32(number).uint32(RESPONSE_TAG).uint32(length).finish();
  return Buffer.concat([head, ...pieces]);
}

/** The heads and the bytes of a chunk; undefined for what is as well written by the generated code. */
function piecesOf({ event }: PullResponse): readonly Uint8Array[] | undefined {
  if (event?.$case !== "chunk" || event.value.data.length < LEAST_BYTES) return undefined;
  const { data } = event.value;
  const chunkHead = headOf(DATA_TAG, data.length);
  return [headOf(CHUNK_TAG, chunkHead.length + data.length), chunkHead, data];
}

const headOf = (tag: number, length: number): Uint8Array => new BinaryWriter().uint32(tag).uint32(length).finish();

/** The bytes of a chunk are a view of the message, which belongs to whoever reads it. */
export function pullResponseFromBytes(message: Buffer): PullResponse {
  const data = message.length < LEAST_BYTES ? undefined : dataOf(message);
  return data === undefined
    ? ExchangeService.pull.responseDeserialize(message)
    : { event: { $case: "chunk", value: { data } } };
}

/** As {@link pullResponseFromBytes}, of one pull among many. */
export function pullManyResponseFromBytes(message: Buffer): PullManyResponse {
  const reader = new BinaryReader(message);
  if (message.length >= LEAST_BYTES && reader.uint32() === NUMBER_TAG) {
    const number = reader.int32();
    if (reader.uint32() === RESPONSE_TAG && reader.uint32() === reader.len - reader.pos) {
      return { number, response: pullResponseFromBytes(message.subarray(reader.pos)) };
    }
  }
  return ExchangeService.pullMany.responseDeserialize(message);
}

/** The bytes of a message that is one chunk and nothing else. */
function dataOf(message: Buffer): Buffer | undefined {
  const reader = new BinaryReader(message);
  const isAllOfIt = (tag: number): boolean => reader.uint32() === tag && reader.uint32() === reader.len - reader.pos;
  return isAllOfIt(CHUNK_TAG) && isAllOfIt(DATA_TAG) ? message.subarray(reader.pos) : undefined;
}
