/** A node's name, kept in its data directory: one that was given once is its name until another is given. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./replace-file.js";

const NAME_FILE = "name";

/** `given`, or the one that was given before, or `fallback`. Throws an Error of the operating system. */
export function keptName(dataDir: string, given: string | undefined, fallback: string): string {
  const path = join(dataDir, NAME_FILE);
  const kept = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  if (given === undefined) return kept === "" ? fallback : kept;
  if (given !== kept) replaceFile(path, `${given}\n`, 0o644);
  return given;
}
