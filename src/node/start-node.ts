/** Assembles a running node: configuration in, open listeners out. Everything that it opens, `stop` closes. */

import { statSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { type NodeDescription, PROTOCOL_VERSION } from "../cluster/member.js";
import { protocolWith } from "../cluster/protocol.js";
import { SEMANTICS_VERSION } from "../job/manifest.js";
import { lockDataDir } from "./adapters/files/data-dir-lock.js";
import { keptName } from "./adapters/files/node-name.js";
import { DirectoryCatalog } from "./adapters/files/source-catalog.js";
import { removeStaleSpills } from "./adapters/files/spill-file.js";
import { GrpcExchange } from "./adapters/grpc/exchange.js";
import { openGrpcServer } from "./adapters/grpc/server.js";
import { openStatusServer } from "./adapters/http/status-server.js";
import { loadIdentity, nextIncarnation } from "./adapters/libp2p/identity.js";
import { openPeerNetwork } from "./adapters/libp2p/peer-network.js";
import { openLmdbStore } from "./adapters/lmdb/store.js";
import { processClock, processRandom } from "./adapters/process/clock.js";
import { openThreadPool } from "./adapters/threads/open-thread-pool.js";
import { ConfigError, type NodeConfig } from "./config.js";
import { NodeDriver } from "./driver/node-driver.js";
import { advertised, type Listeners } from "./listeners.js";
import { loggingPeerNetwork } from "./logging-peer-network.js";
import { defaultMemoryBytes, threadMemoryBytes } from "./memory-size.js";
import { partLimits } from "./part-size.js";
import { SourcePlanner } from "./planner.js";
import type { Log } from "./ports/log.js";
import { resultLimit } from "./result-cap.js";
import { followSeeds, seedsOf } from "./seeds.js";
import { SourceFinder } from "./source-files.js";
import { warmThreads } from "./warm-threads.js";

export interface RunningNode {
  readonly self: NodeDescription;
  /** Leaves the cluster and closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** Open calls may end within this time when the node stops. */
const STOP_GRACE_MS = 2_000;

/**
 * Starts a node; its listeners are open when the promise resolves. Throws a ConfigError, a DataDirLockedError, or an Error
 * of the listener that could not be opened; what was opened before is closed then.
 */
export async function startNode(config: NodeConfig, listeners: Listeners, log: Log): Promise<RunningNode> {
  const closers: (() => unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const self = await assemble(config, listeners, log, closers);
    let stopping: Promise<void> | undefined;
    return {
      self,
      stop: () => {
        stopping ??= closeAll();
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Opens one thing after the other; each one that is open has its closer in `closers`. */
async function assemble(
  config: NodeConfig,
  listeners: Listeners,
  log: Log,
  closers: (() => unknown)[],
): Promise<NodeDescription> {
  for (const source of config.sources) checkDirectory(source.name, source.directory);
  const lock = lockDataDir(config.dataDir);
  closers.push(() => lock.release());
  const { store, damaged } = await openLmdbStore(config.dataDir);
  closers.push(() => store.close());
  for (const file of damaged)
    log.error(file, "The store was damaged: it was moved aside, and the node starts without it");

  const identity = await loadIdentity(config.dataDir);
  const exchange = new GrpcExchange();
  closers.push(() => exchange.close());
  const grpc = await opening("grpc", listeners.grpc, openGrpcServer(listeners.grpc, exchange.server));
  closers.push(() => grpc.stop(STOP_GRACE_MS));
  const http = await opening("http", listeners.http, openStatusServer(listeners.http));
  closers.push(() => http.stop());
  const network = await opening("listen", listeners.listen, openPeerNetwork(identity, listeners.listen));
  closers.push(() => network.stop());
  const addresses = { listen: network.listen, grpc: grpc.address, http: http.address };

  const threads = config.threads ?? availableParallelism();
  const self: NodeDescription = {
    id: identity.id,
    name: keptName(config.dataDir, config.name, hostname()),
    incarnation: nextIncarnation(config.dataDir),
    ...(await advertised(addresses, config)),
    threads,
    zone: config.zone,
    sources: config.sources.map(({ name, shared }) => ({ name, shared })),
    protocolVersion: PROTOCOL_VERSION,
    semanticsVersion: SEMANTICS_VERSION,
  };
  const catalog = new DirectoryCatalog(config.sources, processClock);
  closers.push(() => catalog.close());
  removeStaleSpills(config.dataDir);
  const memory = {
    bytes: threadMemoryBytes(config.memoryBytes ?? defaultMemoryBytes(), threads),
    directory: config.dataDir,
    wayOut: "free some",
  };
  const mapPool = openThreadPool(threads, memory, config.dataDir, log);
  closers.push(() => mapPool.close());
  await warmThreads(mapPool, config.dataDir);
  const finder = new SourceFinder(catalog, exchange);
  const planner = new SourcePlanner(identity.id, finder, processClock);
  const peerNetwork = loggingPeerNetwork(network, log);
  const ports = { clock: processClock, random: processRandom, peerNetwork, exchange, store, mapPool, catalog, planner };
  const settings = {
    self,
    seeds: seedsOf(config),
    protocol: protocolWith({ ...partLimits(config.partBytes), ...resultLimit(config.maxResultBytes) }),
    scanSlots: threads,
    isDurable: true,
  };
  const driver = new NodeDriver(ports, settings);
  driver.start();
  closers.push(followSeeds(config, log, (seeds) => driver.join(seeds)));
  closers.push(() => new Promise<void>((resolve) => driver.stop(resolve)));
  grpc.serve(driver, finder);
  http.serve(driver);
  return self;
}

function checkDirectory(name: string, directory: string): void {
  const isDirectory = statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) return;
  throw new ConfigError("bad-value", `the source "${name}" is ${directory}, which is no directory of this machine`);
}

async function opening<Opened>(flag: string, address: string, opened: Promise<Opened>): Promise<Opened> {
  try {
    return await opened;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot listen on ${address}; choose another address with --${flag}. ${reason}`, { cause: error });
  }
}
