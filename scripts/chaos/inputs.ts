/** The logs of a chaos run: frozen ones that all nodes share, frozen ones of each node, and one that changes. */

import { copyFileSync, linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_LOG_OPTIONS } from "../generate-log/log-generator.js";
import { ensureLog } from "../generate-log/write-log.js";

export interface InputSizes {
  /** The large common log, and the names under which it is seen. */
  readonly commonBytes: number;
  readonly copies: number;
  /** Each of the nodes' own logs; below 1 MiB it is read whole or not at all, so what an answer lacks is known. */
  readonly privateBytes: number;
  readonly liveBytes: number;
}

export const CHAOS_SIZES: InputSizes = {
  commonBytes: 8 * 1024 * 1024,
  copies: 12,
  privateBytes: 700_000,
  liveBytes: 3 * 1024 * 1024,
};

const COMMON_SEED = 1;
const LIVE_SEED = 2;
const PRIVATE_SEED = 10;
const PRIVATE_LOGS = 2;

export class Inputs {
  /** Directories of the shared sources. */
  readonly web: string;
  readonly live: string;
  /** What the live log begins with, and is extended by. */
  readonly liveSeed: string;
  /** Paths of the frozen logs, by source; private ones have names that tell whose they are. */
  readonly files: { readonly web: readonly string[]; readonly app: readonly string[] };
  readonly #directory: string;

  private constructor(directory: string, liveSeed: string, files: Inputs["files"]) {
    this.#directory = directory;
    this.web = join(directory, "web");
    this.live = join(directory, "live");
    this.liveSeed = liveSeed;
    this.files = files;
  }

  /** Generated logs are kept in `cache`, on the same file system as `directory`. */
  static async create(cache: string, directory: string, names: readonly string[], sizes: InputSizes): Promise<Inputs> {
    const generate = (seed: number, bytes: number): Promise<string> =>
      ensureLog(cache, { ...DEFAULT_LOG_OPTIONS, seed, length: { bytes } }, () => undefined);
    mkdirSync(join(directory, "live"), { recursive: true });
    mkdirSync(join(directory, "web"), { recursive: true });
    const common = await generate(COMMON_SEED, sizes.commonBytes);
    const web = Array.from({ length: sizes.copies }, (_, copy) => {
      const path = join(directory, "web", `access-${String(copy).padStart(2, "0")}.log`);
      linkSync(common, path);
      return path;
    });
    const app: string[] = [];
    for (const [index, name] of names.entries()) {
      mkdirSync(join(directory, name), { recursive: true });
      for (let log = 0; log < PRIVATE_LOGS; log += 1) {
        const path = join(directory, name, `${name}-${log}.log`);
        copyFileSync(await generate(PRIVATE_SEED + index * PRIVATE_LOGS + log, sizes.privateBytes), path);
        app.push(path);
      }
    }
    return new Inputs(directory, await generate(LIVE_SEED, sizes.liveBytes), { web, app });
  }

  privateDirectory(name: string): string {
    return join(this.#directory, name);
  }
}
