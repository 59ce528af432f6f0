/**
 * Nodes to join, named in a file that whoever runs the cluster keeps up to date: one `HOST:PORT` a line; blank lines and
 * what follows a `#` do not count. It is read again whenever it changes.
 */

import { readFileSync, statSync } from "node:fs";
import { parseHostPort } from "../../../base/host-port.js";
import { ConfigError } from "../../config.js";

/** By time and size, not by events of the file system: a mounted file that is replaced through a link tells of nothing. */
const LOOK_EVERY_MS = 1_000;

/** Throws a {@link ConfigError}. */
export function readPeersFile(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError("unreadable", `cannot read the file of peers ${path}: ${reason}`);
  }
  const lines = text.split("\n").map((line) => line.replace(/#.*$/, "").trim());
  for (const [index, line] of lines.entries()) {
    if (line !== "") checkAddress(line, `${path}:${index + 1}`);
  }
  return [...new Set(lines.filter((line) => line !== ""))];
}

function checkAddress(text: string, where: string): void {
  try {
    parseHostPort(text);
  } catch {
    const message = `${where} is ${JSON.stringify(text)}; a line is HOST:PORT, such as 10.0.0.5:7400`;
    throw new ConfigError("bad-value", message);
  }
}

/** Calls back at every change, with an error where the file cannot be used any more. Returns what ends it. */
export function watchPeersFile(path: string, onChange: (peers: readonly string[] | ConfigError) => void): () => void {
  let seen = stateOf(path);
  const timer = setInterval(() => {
    const now = stateOf(path);
    if (now === seen) return;
    seen = now;
    try {
      onChange(readPeersFile(path));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      onChange(error);
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Differs whenever the file does, by all that is likely. */
function stateOf(path: string): string {
  const state = statSync(path, { throwIfNoEntry: false });
  return state === undefined ? "absent" : `${state.ino} ${state.size} ${state.mtimeMs} ${state.ctimeMs}`;
}
