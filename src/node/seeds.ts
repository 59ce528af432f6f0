/** The nodes that a node is told to join: by flags, and by a file that may change. */

import { readPeersFile, watchPeersFile } from "./adapters/files/peers-file.js";
import type { NodeConfig } from "./config.js";
import type { Log } from "./ports/log.js";

type SeedConfig = Pick<NodeConfig, "join" | "peersFile">;

/** Throws a ConfigError for a file that cannot be used. */
export const seedsOf = ({ join, peersFile }: SeedConfig): readonly string[] =>
  peersFile === undefined ? join : [...new Set([...join, ...readPeersFile(peersFile)])];

/** Hands the seeds on whenever the file changes; one that cannot be used changes nothing. Returns what ends it. */
export function followSeeds(
  { join, peersFile }: SeedConfig,
  log: Log,
  use: (seeds: readonly string[]) => void,
): () => void {
  if (peersFile === undefined) return () => undefined;
  return watchPeersFile(peersFile, (peers) => {
    if (peers instanceof Error) {
      log.warn({ peersFile, error: peers.message }, "The file of peers cannot be used; those it named before are kept");
      return;
    }
    log.info({ peersFile, peers }, "The file of peers has changed");
    use([...new Set([...join, ...peers])]);
  });
}
