/**
 * A CommonJS bundle of `dist/bin/` together with V8's code cache of it, which the build writes. Most of what a short query
 * costs is compiling our own JavaScript; with the cache nothing is parsed. A cache of another V8 is refused by V8, and the
 * bundle is compiled as usual.
 */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { constants, Script } from "node:vm";

type ModuleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: object },
  filename: string,
  directory: string,
) => void;

/** Where the cache of a bundle lies, for this version of Node on this kind of machine. */
export const codeCacheOf = (bundle: string): string =>
  bundle.replace(/\.js$/, `-${process.version}-${process.platform}-${process.arch}.cache`);

/** The bundle, compiled; not yet run. */
export function loadBundle(bundle: string): Script {
  const cache = codeCacheOf(bundle);
  return new Script(`(function(exports,require,module,__filename,__dirname){${readFileSync(bundle, "latin1")}\n})`, {
    filename: bundle,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  });
}

/** Runs a loaded bundle as Node runs a CommonJS module; returns what it exports. */
export function runBundle(script: Script, bundle: string): object {
  const module = { exports: {} };
  const run = script.runInThisContext() as ModuleFunction;
  run(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  return module.exports;
}

/** Loads and runs the bundle of a name. */
export function launch(directory: string, name: string): object {
  const bundle = join(directory, name);
  return runBundle(loadBundle(bundle), bundle);
}
