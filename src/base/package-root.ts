/** Where the package lies, so that built assets are found from sources (tests) and from `dist` (production) alike. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

interface Package {
  readonly root: string;
  readonly version: string;
}

let cached: Package | undefined;

/** The first one above this code that has a name: beside built files lies one that says what kind of modules they are. */
function findPackage(): Package {
  let root = dirname(fileURLToPath(import.meta.url));
  while (true) {
    const file = join(root, "package.json");
    const found: { readonly name?: string; readonly version?: string } = existsSync(file)
      ? JSON.parse(readFileSync(file, "utf8"))
      : {};
    if (found.name === "logmr") return { root, version: found.version ?? "" };
    const parent = dirname(root);
    if (parent === root) throw new Error("logmr's package.json was not found above its own code");
    root = parent;
  }
}

function ownPackage(): Package {
  cached ??= findPackage();
  return cached;
}

/** Absolute path of the directory that holds logmr's package.json. */
export const packageRoot = (): string => ownPackage().root;

/** Path of a built file, given relative to `dist/`. */
export const builtFile = (relative: string): string => join(packageRoot(), "dist", relative);

/** The version in logmr's package.json. */
export const packageVersion = (): string => ownPackage().version;
