/** The log files that this node offers: the port of `ports/source-catalog.ts` over declared directories. */

import { closeSync, fstatSync } from "node:fs";
import { join } from "node:path";
import type { SourceOffer } from "../../../cluster/member.js";
import type { ManifestFile } from "../../../job/manifest.js";
import type { Clock } from "../../ports/clock.js";
import type { FileDescription, FileQuestion, OpenOutcome, SourceCatalog } from "../../ports/source-catalog.js";
import { canDecompress } from "./compression.js";
import { FileInspector } from "./file-inspector.js";
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

const unreadable = (glob: string): FileDescription => ({
  path: glob,
  size: 0,
  scanSize: 0,
  sealedSize: 0,
  mtimeMs: 0,
  format: "",
  leafDigests: [],
  problem: "the thread that looks at files ended over one of them",
});

export class DirectoryCatalog implements SourceCatalog {
  readonly #sources: ReadonlyMap<string, Offered>;
  readonly #clock: Pick<Clock, "nowMs" | "wallMs">;
  readonly #inspector = new FileInspector();
  readonly #held = new HeldFiles(this.#inspector);
  readonly #described = new Map<string, Described>();

  /** Throws an Error of the operating system when a directory does not exist. */
  constructor(sources: readonly DeclaredSource[], clock: Pick<Clock, "nowMs" | "wallMs">) {
    const entries = sources.map((offer) => [offer.name, { offer, directory: new SourceDirectory(offer.directory) }]);
    this.#sources = new Map(entries as [string, Offered][]);
    this.#clock = clock;
  }

  describe({ source, glob, detail }: FileQuestion, done: (files: readonly FileDescription[]) => void): void {
    const offered = this.#sources.get(source);
    if (offered === undefined) {
      done([]);
      return;
    }
    const question = { directory: offered.offer.directory, glob, detail, wallMs: this.#clock.wallMs() };
    this.#inspector.describe(question, (inspected) => {
      for (const { description, inode } of inspected ?? []) this.#remember(source, description, inode);
      // A file that ends the thread that looks at it must not be left out as if it were not there.
      done(inspected?.map(({ description }) => description) ?? [unreadable(glob)]);
    });
  }

  open(file: ManifestFile, done: (outcome: OpenOutcome) => void): void {
    const offered = this.#sources.get(file.source);
    if (offered === undefined || (file.compression !== undefined && !canDecompress(file.compression))) {
      done("not-holder");
      return;
    }
    const nowMs = this.#clock.nowMs();
    if (this.#held.reopen(file, nowMs, done)) return;
    const descriptor = offered.directory.open(file.path);
    if (typeof descriptor === "string") {
      done("not-holder");
    } else if (this.#wasReplaced(file, descriptor)) {
      closeSync(descriptor);
      done("input-changed");
    } else {
      this.#held.hold(file, descriptor, join(offered.offer.directory, file.path), nowMs, done);
    }
  }

  /** Closes the files that are held open. */
  async close(): Promise<void> {
    await this.#inspector.close();
    this.#held.closeAll();
  }

  #remember(source: string, { path, size, mtimeMs, problem }: FileDescription, inode: number): void {
    if (problem !== undefined) return;
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
