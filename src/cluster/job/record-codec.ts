/**
 * The bytes of a job record, in the store and between nodes:
 *
 *   0   4  magic "LJR2"
 *   4  16  first half of the SHA-256 of everything after it
 *  20   4  length of the header, little-endian
 *  24   h  header: JSON of everything but the result
 *  24+h    the encoded result; nothing when there is none
 */

import { assert } from "../../base/assert.js";
import { digestOf } from "../../base/digest.js";
import type { Digest } from "../../base/ids.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import type { ScanCounters } from "../../job/result.js";
import { NOTHING_SKIPPED, type SkippedRange } from "../../job/skipped.js";
import { JOB_STATES, type JobState } from "../../job/status.js";
import type { JobFailure, JobRecord, JobResult } from "./job-record.js";

const MAGIC = 0x32524a4c;
const PREFIX_BYTES = 24;

interface Header {
  readonly manifest: Manifest;
  readonly state: JobState;
  readonly coverage: number;
  readonly counters: ScanCounters;
  readonly failure: JobFailure | null;
  readonly hasResult: boolean;
  readonly missing: readonly number[];
  /** Absent when nothing was skipped. */
  readonly skipped?: readonly SkippedRange[];
}

export function encodeRecord(record: JobRecord): Uint8Array {
  if (record instanceof PackedRecord) return record.bytes;
  const header: Header = {
    manifest: record.manifest,
    state: record.state,
    coverage: record.coverage,
    counters: record.counters,
    failure: record.failure,
    hasResult: record.result !== null,
    missing: record.missing,
    ...(record.skipped.length === 0 ? {} : { skipped: record.skipped }),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const result = record.result?.encoded() ?? new Uint8Array();
  const bytes = new Uint8Array(PREFIX_BYTES + text.length + result.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(20, text.length, true);
  bytes.set(text, PREFIX_BYTES);
  bytes.set(result, PREFIX_BYTES + text.length);
  bytes.set(checksumOf(bytes), 4);
  return bytes;
}

/** Undefined when the bytes are not a whole record: torn, flipped, or of another version. */
export function decodeRecord(bytes: Uint8Array): JobRecord | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = headerEndOf(bytes);
  if (view.getUint32(0, true) !== MAGIC || headerEnd > bytes.length) return undefined;
  const checksum = checksumOf(bytes);
  if (checksum.some((byte, index) => bytes[4 + index] !== byte)) return undefined;
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, headerEnd));
  // A copy: what has come from a socket or the store may be a small part of a buffer, which it would keep in memory.
  return header && recordOf(header, manifestDigest(header.manifest), new Uint8Array(bytes.subarray(headerEnd)));
}

const recordOf = (header: Header, digest: Digest, result: Uint8Array): JobRecord => ({
  manifest: header.manifest,
  manifestDigest: digest,
  state: header.state,
  coverage: header.coverage,
  counters: header.counters,
  failure: header.failure,
  missing: header.missing,
  skipped: header.skipped ?? NOTHING_SKIPPED,
  result: header.hasResult ? { encoded: () => result, sizeBytes: result.length } : null,
});

/**
 * A record as its bytes, and little more: what a node keeps of thousands of jobs that have ended takes a tenth of the memory
 * so. Each look at what is only in the bytes reads them anew; whoever looks at more than one thing takes the record
 * {@link unpacked}.
 */
class PackedRecord implements JobRecord {
  readonly bytes: Uint8Array;
  readonly manifestDigest: Digest;
  readonly state: JobState;
  readonly coverage: number;
  readonly #hasResult: boolean;

  constructor(record: JobRecord, bytes: Uint8Array) {
    this.bytes = bytes;
    this.#hasResult = record.result !== null;
    this.manifestDigest = record.manifestDigest;
    this.state = record.state;
    this.coverage = record.coverage;
  }

  get manifest(): Manifest {
    return this.unpacked().manifest;
  }

  get counters(): ScanCounters {
    return this.unpacked().counters;
  }

  get failure(): JobFailure | null {
    return this.unpacked().failure;
  }

  get result(): JobResult | null {
    const result = this.bytes.subarray(headerEndOf(this.bytes));
    return this.#hasResult ? { encoded: () => result, sizeBytes: result.length } : null;
  }

  get missing(): readonly number[] {
    return this.unpacked().missing;
  }

  get skipped(): readonly SkippedRange[] {
    return this.unpacked().skipped;
  }

  unpacked(): JobRecord {
    const headerEnd = headerEndOf(this.bytes);
    const header = parseHeader(this.bytes.subarray(PREFIX_BYTES, headerEnd));
    assert(header !== undefined, "a record that was encoded here can be read");
    return recordOf(header, this.manifestDigest, this.bytes.subarray(headerEnd));
  }
}

/** `bytes` are those of the record. */
export const packed = (record: JobRecord, bytes: Uint8Array): JobRecord =>
  record instanceof PackedRecord ? record : new PackedRecord(record, bytes);

export const unpacked = (record: JobRecord): JobRecord => (record instanceof PackedRecord ? record.unpacked() : record);

const headerEndOf = (bytes: Uint8Array): number =>
  PREFIX_BYTES + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(20, true);

function parseHeader(bytes: Uint8Array): Header | undefined {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Header>;
    const known =
      header.manifest?.jobId !== undefined &&
      JOB_STATES.some((state) => state === header.state) &&
      Array.isArray(header.missing) &&
      (header.skipped === undefined || Array.isArray(header.skipped));
    return known ? (header as Header) : undefined;
  } catch {
    return undefined;
  }
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  const digest = digestOf(bytes.subarray(20));
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16));
}
