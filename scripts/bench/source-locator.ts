/** From a place in a bundled module back to the source it was built from, by the source map beside it. */

import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

export interface BundledPlace {
  readonly url: string;
  /** Both count from 0, as a V8 profile has them. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export class SourceLocator {
  readonly #maps = new Map<string, SourceMap | undefined>();

  /** Path or URL of the source; the place's own URL where no map is beside it. */
  sourceOf({ url, lineNumber, columnNumber }: BundledPlace): string {
    const entry = this.#mapOf(url)?.findEntry(lineNumber, columnNumber);
    return entry !== undefined && "originalSource" in entry ? entry.originalSource : url;
  }

  #mapOf(url: string): SourceMap | undefined {
    if (this.#maps.has(url)) return this.#maps.get(url);
    const file = url.startsWith("file:") ? `${fileURLToPath(url)}.map` : undefined;
    const map =
      file !== undefined && existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined;
    this.#maps.set(url, map);
    return map;
  }
}
