/** The files that the arguments of a command mean: paths, globs, directories, `-` for standard input. */

import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Compression } from "../../job/manifest.js";
import { compressionOf, sampleOf } from "../adapters/files/compression.js";
import { openStdin, STDIN } from "../adapters/files/stdin-reader.js";
import { asInputError, InputError } from "../input-error.js";
import { type FileVersion, versionOf } from "./unchanged-inputs.js";

/** How much of a file is looked at to detect its format. */
const SAMPLE_BYTES = 128 * 1024;

export interface InputFile {
  /** As it was given, or as a glob or directory gave it. */
  readonly path: string;
  /** Undefined for standard input, which ends when it ends. */
  readonly size: number | undefined;
  readonly mtimeMs: number;
  /** How it is compressed, if it is; its size is the compressed one then. */
  readonly compression?: Compression;
  /** The first bytes of its text, for format detection. */
  readonly sample: Uint8Array;
  /** What it was when it was looked at; undefined for standard input. */
  readonly version: FileVersion | undefined;
}

/** The files that arguments mean, as they are now. Throws {@link InputError}. */
export async function inspectInputs(patterns: readonly string[]): Promise<readonly InputFile[]> {
  return (await expandInputs(patterns)).map(inspectInput);
}

/** Expands arguments in their order; a path that two of them name is read once. Throws {@link InputError}. */
export async function expandInputs(patterns: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const pattern of patterns) paths.push(...(await expandInput(pattern)));
  const seen = new Set<string>();
  return paths.filter((path) => {
    const identity = path === STDIN ? STDIN : resolve(path);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

async function expandInput(pattern: string): Promise<readonly string[]> {
  if (pattern === STDIN) return [STDIN];
  const info = statOrUndefined(pattern);
  if (info?.isDirectory())
    return await matching(pattern, `${escapeGlob(pattern.replace(/\/+$/, ""))}/**`, "has no files");
  if (info !== undefined || !/[*?[\]{}]/.test(pattern)) return [pattern];
  return await matching(pattern, pattern, "matches no file");
}

async function matching(pattern: string, glob: string, complaint: string): Promise<readonly string[]> {
  const { glob: findFiles } = await import("tinyglobby");
  const paths = await findFiles([glob], { onlyFiles: true, expandDirectories: false, absolute: isAbsolute(pattern) });
  if (paths.length === 0) throw new InputError("no-match", pattern, `"${pattern}" ${complaint}.`);
  return paths.sort();
}

const escapeGlob = (path: string): string => path.replace(/[*?[\]{}()!\\]/g, "\\$&");

function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw asInputError(error, path);
  }
}

/** Size, time and first bytes of an input. Throws {@link InputError}. */
function inspectInput(path: string): InputFile {
  if (path !== STDIN) return inspectFile(path);
  const { sample } = openStdin(SAMPLE_BYTES);
  const compression = compressionOf("standard input", sample);
  if (compression === undefined) return { path, size: undefined, mtimeMs: 0, sample, version: undefined };
  const tool = compression === "gzip" ? "zcat" : "zstdcat";
  throw new InputError(
    "unsupported",
    path,
    `Standard input is ${compression}-compressed. Decompress it: ${tool} | logmr query "…" -`,
  );
}

function inspectFile(path: string): InputFile {
  let descriptor: number | undefined;
  try {
    const info = statSync(path);
    if (!info.isFile()) throw new InputError("not-a-file", path, `"${path}" is not a regular file.`);
    descriptor = openSync(path, "r");
    const version = versionOf(descriptor);
    const { size, mtimeMs } = version;
    const sample = new Uint8Array(Math.min(SAMPLE_BYTES, size));
    const sampled = sample.length === 0 ? 0 : readSync(descriptor, sample, 0, sample.length, 0);
    const head = sample.subarray(0, sampled);
    const compression = compressionOf(path, head);
    if (compression === undefined) return { path, size, mtimeMs, sample: head, version };
    return { path, size, mtimeMs, version, compression, sample: sampleOf(path, compression, head, SAMPLE_BYTES) };
  } catch (error) {
    throw asInputError(error, path);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
