/** Descriptions of files on the wire: the digests of a large file span several messages. */

import type { Digest } from "../../../base/ids.js";
import type { FileDescription as WireDescription } from "../../../generated/logmr/v1/exchange.js";
import type { FileDescription } from "../../ports/source-catalog.js";
import { FRAME_BYTES } from "./frames.js";

const DIGEST_BYTES = 16;

/** The digests of 64 Gi of log in one message. */
const DIGESTS_PER_MESSAGE = FRAME_BYTES / DIGEST_BYTES;

/** What one answer may describe in all; a source with more files than fit is asked for with a narrower glob. */
const MAX_FILES = 1_000_000;

export function* allMessagesOf(files: readonly FileDescription[]): Generator<WireDescription, void> {
  for (const file of files) yield* messagesOf(file);
}

/** The messages of one file, at least one. */
function* messagesOf(file: FileDescription): Generator<WireDescription, void> {
  let first = 0;
  do {
    const digests = file.leafDigests.slice(first, first + DIGESTS_PER_MESSAGE);
    yield {
      path: file.path,
      size: BigInt(file.size),
      scanSize: BigInt(file.scanSize),
      sealedSize: BigInt(file.sealedSize),
      mtimeMs: file.mtimeMs,
      format: file.format,
      leafDigests: Buffer.from(digests.join(""), "hex"),
      problem: file.problem ?? "",
      compression: file.compression ?? "",
    };
    first += DIGESTS_PER_MESSAGE;
  } while (first < file.leafDigests.length);
}

/** Puts the messages of a stream back together. */
export class DescriptionJoiner {
  readonly #files = new Map<string, FileDescription>();

  get files(): readonly FileDescription[] {
    return [...this.#files.values()];
  }

  /** False when the peer describes more than it may. */
  push(message: WireDescription | undefined): boolean {
    if (message === undefined) return true;
    if (this.#files.size >= MAX_FILES) return false;
    const earlier = this.#files.get(message.path)?.leafDigests ?? [];
    this.#files.set(message.path, {
      path: message.path,
      size: Number(message.size),
      scanSize: Number(message.scanSize),
      sealedSize: Number(message.sealedSize),
      mtimeMs: message.mtimeMs,
      format: message.format,
      leafDigests: [...earlier, ...digestsOf(message.leafDigests)],
      ...(message.problem === "" ? {} : { problem: message.problem }),
      ...compressionOf(message),
    });
    return true;
  }
}

/** A kind that this version does not know cannot be read by it, but perhaps by others. */
function compressionOf({ compression, problem }: WireDescription): Pick<FileDescription, "compression" | "problem"> {
  if (compression === "" || problem !== "") return {};
  if (compression === "gzip" || compression === "zstd") return { compression };
  return { problem: `is ${compression}-compressed, which this node does not know` };
}

function* digestsOf(bytes: Uint8Array): Generator<Digest, void> {
  const hex = Buffer.from(bytes).toString("hex");
  for (let start = 0; start < hex.length; start += DIGEST_BYTES * 2) {
    yield hex.slice(start, start + DIGEST_BYTES * 2) as Digest;
  }
}
