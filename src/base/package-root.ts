/** Where the package lies, so that built assets are found from sources (tests) and from `dist` (production) alike. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let cached: string | undefined;

/** Absolute path of the directory that holds logmr's package.json. */
export function packageRoot(): string {
  if (cached !== undefined) return cached;
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error("logmr's package.json was not found above its own code");
    directory = parent;
  }
  cached = directory;
  return directory;
}

/** Path of a built file, given relative to `dist/`. */
export const builtFile = (relative: string): string => join(packageRoot(), "dist", relative);

/** The version in logmr's package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
