/** The files that are asked about: generated once, and kept for the next run. */

import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { formatByteSize } from "../../src/base/byte-size.js";
import type { LogFormat } from "../generate-log/line-formats.js";
import { DEFAULT_LOG_OPTIONS } from "../generate-log/log-generator.js";
import { ensureLog } from "../generate-log/write-log.js";
import type { Input } from "./questions.js";

/** Shares of the combined log's size: 600 MB and 256 MiB beside 1 GiB. */
const JSON_SHARE = 600e6 / 2 ** 30;
const GZIP_SHARE = 1 / 4;
const READ_BYTES = 4 * 1024 * 1024;

const COMBINED_LINE = '192.0.2.1 - - [02/Mar/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"';

/** A line of what each input is made of, with all fields that the questions name. */
export const SAMPLE_LINES: Readonly<Record<Input, string>> = {
  combined: COMBINED_LINE,
  json: '{"time":"2026-03-02T00:00:00Z","level":"info","path":"/","status":200,"bytes":1,"latency_ms":1.5}',
  gzip: COMBINED_LINE,
};

export class Inputs {
  readonly #directory: string;
  readonly #combinedBytes: number;
  readonly #files = new Map<Input, string>();

  /** `combinedBytes`: of the combined log; the others are in proportion. */
  constructor(directory: string, combinedBytes: number) {
    this.#directory = directory;
    this.#combinedBytes = combinedBytes;
  }

  /** The path of an input, which lies in the page cache. */
  async prepare(input: Input): Promise<string> {
    const known = this.#files.get(input);
    if (known !== undefined) return known;
    const path = await this.#ensure(input);
    readThrough(path);
    this.#files.set(input, path);
    return path;
  }

  /** Of those prepared. */
  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#files].map(([input, path]) => [input, statSync(path).size]));
  }

  async #ensure(input: Input): Promise<string> {
    switch (input) {
      case "combined":
        return this.#log("combined", this.#combinedBytes);
      case "json":
        return this.#log("application", Math.round(this.#combinedBytes * JSON_SHARE));
      case "gzip":
        return compressed(await this.#log("combined", Math.round(this.#combinedBytes * GZIP_SHARE)));
    }
  }

  #log(format: LogFormat, bytes: number): Promise<string> {
    const options = { ...DEFAULT_LOG_OPTIONS, format, brokenRate: 0, length: { bytes } };
    return ensureLog(this.#directory, options, (doneBytes) => {
      if (process.stderr.isTTY) process.stderr.write(`\rgenerating the log: ${formatByteSize(doneBytes)}`);
    });
  }
}

/** The path of a file beside `path` with its gzip data, which appears when it is whole. */
async function compressed(path: string): Promise<string> {
  const target = `${path}.gz`;
  if (existsSync(target)) return target;
  const unfinished = `${target}.${process.pid}.unfinished`;
  await pipeline(createReadStream(path, { highWaterMark: READ_BYTES }), createGzip(), createWriteStream(unfinished));
  renameSync(unfinished, target);
  return target;
}

function readThrough(path: string): void {
  const block = Buffer.allocUnsafe(READ_BYTES);
  const descriptor = openSync(path, "r");
  while (readSync(descriptor, block) > 0);
  closeSync(descriptor);
}
