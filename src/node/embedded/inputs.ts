/** The files that the arguments of a command mean: paths, globs, directories, `-` for standard input. */

import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
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
  /** The first bytes, for format detection. */
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
  return { path, size: undefined, mtimeMs: 0, sample: refuseCompressed("standard input", sample), version: undefined };
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
    return { path, size, mtimeMs, sample: refuseCompressed(path, sample.subarray(0, sampled)), version };
  } catch (error) {
    throw asInputError(error, path);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const COMPRESSED: readonly { readonly name: string; readonly magic: readonly number[]; readonly tool: string }[] = [
  { name: "gzip", magic: [0x1f, 0x8b], tool: "zcat" },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], tool: "zstdcat" },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: "xzcat" },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68], tool: "bzcat" },
];

function refuseCompressed(path: string, sample: Uint8Array): Uint8Array {
  const compression = COMPRESSED.find(({ magic }) => magic.every((byte, index) => sample[index] === byte));
  if (compression === undefined) return sample;
  const { name, tool } = compression;
  throw new InputError(
    "unreadable",
    path,
    `"${path}" is ${name}-compressed. Pipe it: ${tool} ${path} | logmr query "…" -`,
  );
}
