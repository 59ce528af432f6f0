/** Compressed files: telling them by their first bytes, and looking at the beginning of what is in them. */

import zlib from "node:zlib";
import type { Compression } from "../../../job/manifest.js";
import { InputError } from "../../input-error.js";

const MAGICS: readonly { readonly name: string; readonly magic: readonly number[]; readonly tool: string }[] = [
  { name: "gzip", magic: [0x1f, 0x8b], tool: "zcat" },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], tool: "zstdcat" },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: "xzcat" },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68], tool: "bzcat" },
];

/** Deflate makes at most 1032 bytes of one: enough for a sample, little enough to hold. */
const SAMPLED_BYTES = 32 * 1024;

/** What newer versions of Node have: 22.15 and 23.8 brought zstd. */
interface ZstdFunctions {
  readonly createZstdDecompress?: (options: { readonly chunkSize: number }) => zlib.Gunzip;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: { readonly finishFlush: number }) => Buffer;
  readonly constants: { readonly ZSTD_e_flush?: number };
}
export const zstd = zlib as unknown as ZstdFunctions;

/**
 * How a file is compressed; undefined if it is not. Throws an {@link InputError} that names another way for what cannot be
 * read here.
 */
export function compressionOf(path: string, head: Uint8Array): Compression | undefined {
  const known = MAGICS.find(({ magic }) => magic.every((byte, index) => head[index] === byte));
  if (known === undefined) return undefined;
  if (known.name === "gzip") return known.name;
  if (known.name === "zstd" && canDecompress(known.name)) return known.name;
  const why = known.name === "zstd" ? `, which Node ${process.versions.node} cannot read (22.15 can)` : "";
  throw new InputError(
    "unsupported",
    path,
    `"${path}" is ${known.name}-compressed${why}. Pipe it: ${known.tool} ${path} | logmr query "…" -`,
  );
}

/** Whether this process can decompress it. */
export const canDecompress = (compression: Compression): boolean =>
  compression === "gzip" || zstd.createZstdDecompress !== undefined;

/** The first bytes of what the head of a compressed file holds. Throws an {@link InputError} for what is damaged there. */
export function sampleOf(path: string, compression: Compression, head: Uint8Array, sampleBytes: number): Uint8Array {
  const part = head.subarray(0, SAMPLED_BYTES);
  try {
    const text =
      compression === "gzip"
        ? zlib.gunzipSync(part, { finishFlush: zlib.constants.Z_SYNC_FLUSH })
        : zstd.zstdDecompressSync?.(part, { finishFlush: zstd.constants.ZSTD_e_flush ?? 0 });
    return (text ?? new Uint8Array(0)).subarray(0, sampleBytes);
  } catch (error) {
    throw damaged(path, compression, error);
  }
}

/** The error of a file that is not what its first bytes say. */
export function damaged(path: string, compression: Compression, cause: unknown): InputError {
  const isCut = cause instanceof Error && /unexpected end/.test(cause.message);
  const detail = cause instanceof Error ? cause.message : String(cause);
  return isCut
    ? new InputError("cut-off", path, `"${path}" ends in the middle of its ${compression} data. Fetch it again.`, cause)
    : new InputError(
        "corrupt",
        path,
        `"${path}" is damaged: its ${compression} data says "${detail}". Fetch it again.`,
        cause,
      );
}
