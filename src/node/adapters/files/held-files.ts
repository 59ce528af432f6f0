/**
 * Files that jobs read, held open so that rotation does not hurt: threads read the descriptor, whatever became of the
 * name. What is held is verified once, and again when the file's size or times change.
 */

import { closeSync, fstatSync, type Stats } from "node:fs";
import type { ManifestFile } from "../../../job/manifest.js";
import { foldDigests } from "../../../job/vertex-key.js";
import type { OpenedFile } from "../../ports/source-catalog.js";
import { leafDigestsNow } from "./describe-file.js";

/** Below the usual limit of 1024 descriptors a process. */
const MAX_HELD_FILES = 512;

/**
 * A descriptor that no job asked for in this long is closed: longer than any span waits for its thread, since a number
 * that is closed too early could come to mean another file.
 */
const IDLE_MS = 3_600_000;

interface HeldFile {
  readonly descriptor: number;
  verified: Pick<Stats, "size" | "mtimeMs" | "ctimeMs">;
  usedMs: number;
}

type Verdict = OpenedFile | "not-holder" | "input-changed";

export class HeldFiles {
  readonly #files = new Map<string, HeldFile>();

  /** Verifies a file that is held for this version of it; undefined when none is. */
  reopen(file: ManifestFile, nowMs: number): Verdict | undefined {
    const held = this.#files.get(versionOf(file));
    if (held === undefined) return undefined;
    const now = fstatSync(held.descriptor);
    const { size, mtimeMs, ctimeMs } = held.verified;
    if (now.size < file.size || (now.size === size && now.mtimeMs !== mtimeMs)) return "input-changed";
    if (now.size !== size || now.ctimeMs !== ctimeMs) {
      if (!hasContentOf(held.descriptor, file)) return "input-changed";
      held.verified = now;
    }
    held.usedMs = nowMs;
    return opened(held.descriptor);
  }

  /** Verifies a descriptor that was just opened, and keeps it if it is the file; closes it otherwise. */
  hold(file: ManifestFile, descriptor: number, fallbackPath: string, nowMs: number): Verdict {
    const now = fstatSync(descriptor);
    const verdict =
      now.size < file.size ? "not-holder" : hasContentOf(descriptor, file) ? opened(descriptor) : "input-changed";
    this.#closeIdle(nowMs);
    const canHold = process.platform === "linux" && this.#files.size < MAX_HELD_FILES;
    if (typeof verdict === "string" || !canHold) {
      closeSync(descriptor);
      return typeof verdict === "string" ? verdict : { realPath: fallbackPath };
    }
    this.#files.set(versionOf(file), { descriptor, verified: now, usedMs: nowMs });
    return verdict;
  }

  closeAll(): void {
    for (const { descriptor } of this.#files.values()) closeSync(descriptor);
    this.#files.clear();
  }

  #closeIdle(nowMs: number): void {
    for (const [version, held] of this.#files) {
      if (nowMs - held.usedMs < IDLE_MS) continue;
      closeSync(held.descriptor);
      this.#files.delete(version);
    }
  }
}

const opened = (descriptor: number): OpenedFile => ({ realPath: `/proc/self/fd/${descriptor}` });

const versionOf = (file: ManifestFile): string =>
  `${file.source}\0${file.path}\0${file.size}\0${file.mtimeMs}\0${file.spanDigests.join("")}`;

/** Whether the sampled pages are those of the manifest. How far its digests are folded shows in their number. */
function hasContentOf(descriptor: number, file: ManifestFile): boolean {
  const leaves = leafDigestsNow(descriptor, file.scanSize);
  if (leaves === undefined) return false;
  let folded = leaves;
  while (folded.length > Math.max(1, file.spanDigests.length)) folded = foldDigests(folded, 1);
  return folded.length === file.spanDigests.length && folded.every((digest, at) => digest === file.spanDigests[at]);
}
