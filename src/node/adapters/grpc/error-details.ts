/**
 * What a refused call carries for programs, beside its code and message: a `google.rpc.ErrorInfo` in a
 * `google.rpc.Status`, in the trailer where gRPC libraries look for it. Both messages are a few fields of text, written
 * here by hand: https://github.com/googleapis/googleapis/tree/master/google/rpc, status.proto and error_details.proto.
 */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata, type status } from "@grpc/grpc-js";

const TRAILER = "grpc-status-details-bin";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const DOMAIN = "logmr";
/** Wire type of fields with a length. */
const LENGTH_DELIMITED = 2;
const VARINT = 0;

/** Why, as programs read it: a constant in capitals, and what it speaks of. */
export interface ErrorInfo {
  readonly reason: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a handler of grpc-js answers a refused call with. */
export interface Refusal {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export function refusal(code: status, details: string, info: ErrorInfo): Refusal {
  const metadata = new Metadata();
  metadata.set(TRAILER, Buffer.from(encodeStatus(code, details, info)));
  return { code, details, metadata };
}

/** The reason of an error that came back; undefined when it is not one of a node's. */
export function errorInfoOf(metadata: Metadata | undefined): ErrorInfo | undefined {
  const [trailer] = metadata?.get(TRAILER) ?? [];
  if (!(trailer instanceof Buffer)) return undefined;
  try {
    const any = fieldsOf(trailer).get(3)?.[0];
    const fields = any === undefined ? undefined : fieldsOf(any);
    const info = fields?.get(2)?.[0];
    if (info === undefined || textOf(fields?.get(1)) !== ERROR_INFO) return undefined;
    const inner = fieldsOf(info);
    if (textOf(inner.get(2)) !== DOMAIN) return undefined;
    const entries = (inner.get(3) ?? []).map((entry) => {
      const pair = fieldsOf(entry);
      return [textOf(pair.get(1)), textOf(pair.get(2))] as const;
    });
    return { reason: textOf(inner.get(1)), metadata: Object.fromEntries(entries) };
  } catch {
    return undefined;
  }
}

function encodeStatus(code: status, details: string, { reason, metadata = {} }: ErrorInfo): Uint8Array {
  const info = new BinaryWriter();
  info.tag(1, LENGTH_DELIMITED).string(reason).tag(2, LENGTH_DELIMITED).string(DOMAIN);
  for (const [key, value] of Object.entries(metadata)) {
    const entry = new BinaryWriter().tag(1, LENGTH_DELIMITED).string(key).tag(2, LENGTH_DELIMITED).string(value);
    info.tag(3, LENGTH_DELIMITED).bytes(entry.finish());
  }
  const any = new BinaryWriter().tag(1, LENGTH_DELIMITED).string(ERROR_INFO).tag(2, LENGTH_DELIMITED);
  any.bytes(info.finish());
  const outer = new BinaryWriter().tag(1, VARINT).int32(code).tag(2, LENGTH_DELIMITED).string(details);
  return outer.tag(3, LENGTH_DELIMITED).bytes(any.finish()).finish();
}

/** The fields with a length, by number. Throws for bytes that are no message. */
function fieldsOf(message: Uint8Array): ReadonlyMap<number, readonly Uint8Array[]> {
  const reader = new BinaryReader(message);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== LENGTH_DELIMITED) reader.skip(wireType);
    else fields.set(field, [...(fields.get(field) ?? []), reader.bytes()]);
  }
  return fields;
}

const textOf = (values: readonly Uint8Array[] | undefined): string => new TextDecoder().decode(values?.[0]);
