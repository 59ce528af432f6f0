/** The log files that this node offers: the port of `ports/source-catalog.ts` over declared directories. */

import { closeSync, fstatSync } from "node:fs";
import { join } from "node:path";
import type { SourceOffer } from "../../../cluster/member.js";
import type { ManifestFile } from "../../../job/manifest.js";
import type { Clock } from "../../ports/clock.js";
import type { FileDescription, OpenedFile, SourceCatalog } from "../../ports/source-catalog.js";
import { describeFile, type FormatDetector } from "./describe-file.js";
import { HeldFiles } from "./held-files.js";
import { SourceDirectory } from "./source-directory.js";

export interface DeclaredSource extends SourceOffer {
  readonly directory: string;
}

/** Files whose version this node has told others; older ones are forgotten. */
const MAX_REMEMBERED = 10_000;

interface Offered {
  readonly offer: DeclaredSource;
  readonly directory: SourceDirectory;
}

/** What this node saw when it described a file; any later difference but growth is a change. */
interface Described {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

const unreadable = (path: string, problem: string): FileDescription => ({
  path,
  size: 0,
  scanSize: 0,
  sealedSize: 0,
  mtimeMs: 0,
  format: "",
  leafDigests: [],
  problem,
});

export class DirectoryCatalog implements SourceCatalog {
  readonly #sources: ReadonlyMap<string, Offered>;
  readonly #clock: Pick<Clock, "nowMs" | "wallMs">;
  readonly #detect: FormatDetector;
  readonly #held = new HeldFiles();
  readonly #described = new Map<string, Described>();

  /** Throws an Error of the operating system when a directory does not exist. */
  constructor(sources: readonly DeclaredSource[], clock: Pick<Clock, "nowMs" | "wallMs">, detect: FormatDetector) {
    const entries = sources.map((offer) => [offer.name, { offer, directory: new SourceDirectory(offer.directory) }]);
    this.#sources = new Map(entries as [string, Offered][]);
    this.#clock = clock;
    this.#detect = detect;
  }

  describe(source: string, glob: string, done: (files: readonly FileDescription[]) => void): void {
    const offered = this.#sources.get(source);
    if (offered === undefined) {
      done([]);
      return;
    }
    this.#describeAll(source, offered.directory, glob).then(done);
  }

  open(file: ManifestFile): OpenedFile | "not-holder" | "input-changed" {
    const offered = this.#sources.get(file.source);
    if (offered === undefined) return "not-holder";
    const nowMs = this.#clock.nowMs();
    const held = this.#held.reopen(file, nowMs);
    if (held !== undefined) return held;
    const descriptor = offered.directory.open(file.path);
    if (typeof descriptor === "string") return "not-holder";
    if (this.#wasReplaced(file, descriptor)) {
      closeSync(descriptor);
      return "input-changed";
    }
    return this.#held.hold(file, descriptor, join(offered.offer.directory, file.path), nowMs);
  }

  /** Closes the files that are held open. */
  close(): void {
    this.#held.closeAll();
  }

  async #describeAll(source: string, directory: SourceDirectory, glob: string): Promise<readonly FileDescription[]> {
    const { paths, problems } = await directory.list(glob);
    const files = problems.map(({ path, problem }) => unreadable(path, problem));
    for (const path of paths) {
      const descriptor = directory.open(path);
      if (descriptor === "absent") continue;
      if (descriptor === "unreadable") {
        files.push(unreadable(path, "cannot be opened by this node's user"));
        continue;
      }
      try {
        const description = await describeFile(descriptor, path, this.#clock.wallMs(), this.#detect);
        this.#remember(source, description, fstatSync(descriptor).ino);
        files.push(description);
      } catch (error) {
        files.push(unreadable(path, error instanceof Error ? error.message : String(error)));
      } finally {
        closeSync(descriptor);
      }
    }
    return files;
  }

  #remember(source: string, { path, size, mtimeMs }: FileDescription, inode: number): void {
    const oldest = this.#described.keys().next();
    if (this.#described.size >= MAX_REMEMBERED && oldest.done !== true) this.#described.delete(oldest.value);
    this.#described.set(`${source}\0${path}`, { size, mtimeMs, inode });
  }

  /** Whether this node itself told the manifest's version of the file, and now finds another than a grown one. */
  #wasReplaced(file: ManifestFile, descriptor: number): boolean {
    const told = this.#described.get(`${file.source}\0${file.path}`);
    if (told === undefined || told.size !== file.size || told.mtimeMs !== file.mtimeMs) return false;
    const now = fstatSync(descriptor);
    return now.ino !== told.inode || now.size < told.size || (now.size === told.size && now.mtimeMs !== told.mtimeMs);
  }
}
