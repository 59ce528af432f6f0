import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zlib, { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { builtFile } from "../../../src/base/package-root.js";
import { runEmbedded } from "../../../src/node/embedded/embedded.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-compressed-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const line = (index: number): string =>
  `10.0.0.${index % 256} - - [10/Oct/2000:13:55:36 +0000] "GET /${index * 7919} HTTP/1.1" ${index % 7 === 0 ? 404 : 200} ${index}\n`;
const logOf = (from: number, to: number): Buffer =>
  Buffer.from(Array.from({ length: to - from }, (_, index) => line(from + index)).join(""));

function write(name: string, bytes: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

async function answerOf(...files: readonly string[]): Promise<unknown> {
  const sql = "SELECT status, count(*), sum(bytes) GROUP BY 1 ORDER BY 1";
  const { table } = await runEmbedded({ sql, files, format: "combined", threads: 2 });
  return { rows: table.rows, counters: table.counters };
}

const log = logOf(0, 120_000);
const plain = write("plain.log", log);
const zipped = gzipSync(log);
const middle = Math.floor(zipped.length / 2);
const hasZstd = "createZstdDecompress" in zlib;

describe.skipIf(!existsSync(builtFile("bin/decompressor.js")))(
  "compressed files (skipped where it is not built)",
  () => {
    it.each([
      ["gzip of several blocks", zipped],
      ["gzip of several members", Buffer.concat([gzipSync(logOf(0, 50_000)), gzipSync(logOf(50_000, 120_000))])],
      ["gzip with an empty member", Buffer.concat([gzipSync(Buffer.alloc(0)), zipped])],
      ["gzip padded with zeros", Buffer.concat([zipped, Buffer.alloc(512)])],
      ["gzip that is hardly compressed", gzipSync(log, { level: 1 })],
    ])("answer as the text does: %s", async (name, bytes) => {
      expect(await answerOf(write(`${name}.log.1`, bytes))).toEqual(await answerOf(plain));
    });

    it("are read beside plain ones of the same rotated set", async () => {
      const older = write("set.log.2.gz", gzipSync(logOf(0, 70_000)));
      const newer = write("set.log.1", logOf(70_000, 120_000));
      expect(older).not.toBe(newer);
      expect(await answerOf(join(directory, "set.log*"))).toEqual(await answerOf(plain));
    });

    it("may hold nothing", async () => {
      expect(await answerOf(write("nothing.gz", gzipSync(Buffer.alloc(0))))).toMatchObject({ counters: { lines: 0 } });
    });

    it.each([
      ["cut-off", "cut in the middle", zipped.subarray(0, middle)],
      ["cut-off", "cut in the checksum", zipped.subarray(0, zipped.length - 3)],
      ["corrupt", "with a byte changed", Buffer.from(zipped).fill(0xff, middle, middle + 64)],
      ["corrupt", "with a wrong checksum", Buffer.from(zipped).fill(0, zipped.length - 8, zipped.length - 4)],
      ["corrupt", "with a wrong length", Buffer.from(zipped).fill(0, zipped.length - 4)],
      ["corrupt", "with text behind", Buffer.concat([zipped, Buffer.from("junk")])],
      ["corrupt", "with a broken header", Buffer.from(zipped).fill(0xff, 2, 4)],
      ["too-compressed", "made to burst", gzipSync(Buffer.alloc(2 ** 28))],
      ["unsupported", "of xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
      ["unsupported", "of bzip2", Buffer.from("BZh91AY&SY")],
    ])("are refused as %s: %s", async (code, name, bytes) => {
      const path = write(`${name}.gz`, bytes);
      await expect(answerOf(path)).rejects.toMatchObject({ name: "InputError", code, path });
    });

    it.skipIf(hasZstd)("of zstd are refused where Node has none, with another way", async () => {
      const path = write("log.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00, 0x01, 0x00, 0x00]));
      await expect(answerOf(path)).rejects.toThrow(/zstd-compressed.*zstdcat/);
    });

    it.skipIf(!hasZstd)("of zstd answer as the text does, where Node has it", async () => {
      const { zstdCompressSync } = zlib as unknown as { zstdCompressSync(bytes: Uint8Array): Buffer };
      expect(await answerOf(write("log.zst", zstdCompressSync(log)))).toEqual(await answerOf(plain));
    });
  },
);
