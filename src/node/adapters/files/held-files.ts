/**
 * Files that jobs read, held open so that rotation does not hurt: threads read the descriptor, whatever became of the
 * name. What is held is verified once, and again when the file's size or times change.
 */

import { closeSync, fstatSync, type Stats } from "node:fs";
import type { Digest } from "../../../base/ids.js";
import type { ManifestFile } from "../../../job/manifest.js";
import { foldDigests } from "../../../job/vertex-key.js";
import type { OpenOutcome } from "../../ports/source-catalog.js";
import type { FileInspector } from "./file-inspector.js";

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

type Done = (outcome: OpenOutcome) => void;

export class HeldFiles {
  readonly #inspector: Pick<FileInspector, "digests">;
  readonly #files = new Map<string, HeldFile>();
  /** Who waits for a version that is being verified. */
  readonly #verifying = new Map<string, Done[]>();
  #isClosed = false;

  constructor(inspector: Pick<FileInspector, "digests">) {
    this.#inspector = inspector;
  }

  /** Verifies a file that is held for this version of it; false when none is, and `done` is not called then. */
  reopen(file: ManifestFile, nowMs: number, done: Done): boolean {
    const version = versionOf(file);
    const waiting = this.#verifying.get(version);
    if (waiting !== undefined) {
      waiting.push(done);
      return true;
    }
    const held = this.#files.get(version);
    if (held === undefined) return false;
    held.usedMs = nowMs;
    const now = fstatSync(held.descriptor);
    const { size, mtimeMs, ctimeMs } = held.verified;
    if (now.size < file.size || (now.size === size && now.mtimeMs !== mtimeMs)) done("input-changed");
    else if (now.size === size && now.ctimeMs === ctimeMs) done(opened(file, held.descriptor));
    else {
      this.#verify(file, held.descriptor, done, (isSame) => {
        if (!isSame) return "input-changed";
        held.verified = now;
        return opened(file, held.descriptor);
      });
    }
    return true;
  }

  /** Verifies a descriptor that was just opened, and keeps it if it is the file; closes it otherwise. */
  hold(file: ManifestFile, descriptor: number, fallbackPath: string, nowMs: number, done: Done): void {
    const now = fstatSync(descriptor);
    if (now.size < file.size) {
      closeSync(descriptor);
      done("not-holder");
      return;
    }
    this.#verify(file, descriptor, done, (isSame) => {
      this.#closeIdle(nowMs);
      const canHold = process.platform === "linux" && this.#files.size < MAX_HELD_FILES && !this.#isClosed;
      if (isSame && canHold) {
        this.#files.set(versionOf(file), { descriptor, verified: now, usedMs: nowMs });
        return opened(file, descriptor);
      }
      closeSync(descriptor);
      return isSame ? openedAt(file, fallbackPath) : "input-changed";
    });
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const { descriptor } of this.#files.values()) closeSync(descriptor);
    this.#files.clear();
  }

  /** Compares the sampled pages once for all who ask meanwhile. */
  #verify(file: ManifestFile, descriptor: number, done: Done, conclude: (isSame: boolean) => OpenOutcome): void {
    const version = versionOf(file);
    const waiting = [done];
    this.#verifying.set(version, waiting);
    this.#inspector.digests(descriptor, file.scanSize, (digests) => {
      this.#verifying.delete(version);
      const outcome = conclude(digests !== undefined && isContentOf(file, digests));
      for (const tell of waiting) tell(outcome);
    });
  }

  #closeIdle(nowMs: number): void {
    for (const [version, held] of this.#files) {
      if (nowMs - held.usedMs < IDLE_MS || this.#verifying.has(version)) continue;
      closeSync(held.descriptor);
      this.#files.delete(version);
    }
  }
}

const openedAt = ({ compression }: ManifestFile, realPath: string): OpenOutcome => ({
  realPath,
  ...(compression === undefined ? {} : { compression }),
});

const opened = (file: ManifestFile, descriptor: number): OpenOutcome => openedAt(file, `/proc/self/fd/${descriptor}`);

const versionOf = (file: ManifestFile): string =>
  `${file.source}\0${file.path}\0${file.size}\0${file.mtimeMs}\0${file.spanDigests.join("")}`;

/** Whether the sampled pages are those of the manifest. How far its digests are folded shows in their number. */
function isContentOf(file: ManifestFile, leaves: readonly Digest[]): boolean {
  let folded = leaves;
  while (folded.length > Math.max(1, file.spanDigests.length)) folded = foldDigests(folded, 1);
  return folded.length === file.spanDigests.length && folded.every((digest, at) => digest === file.spanDigests[at]);
}
