#!/usr/bin/env node
/**
 * `logmr-node`, the node. One JSON line on stdout when its listeners are open; its log goes to stderr. SIGTERM and SIGINT
 * let it leave the cluster and end with 0; a second one ends it at once.
 */

import "../node/adapters/libp2p/with-resolvers.js";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Command, CommanderError, Option } from "commander";
import { parse as parseYaml } from "yaml";
import { packageVersion } from "../base/package-root.js";
import { openStderrLog } from "../node/adapters/log/stderr-log.js";
import { limitHeapGrowth } from "../node/adapters/process/heap-growth.js";
import {
  ConfigError,
  environmentSettings,
  NODE_SETTINGS,
  type NodeConfig,
  parseNodeConfig,
  SETTING_NAMES,
  type Setting,
  type SettingSource,
} from "../node/config.js";
import { type Listeners, resolveListeners } from "../node/listeners.js";
import type { Log } from "../node/ports/log.js";
import { seedsOf } from "../node/seeds.js";
import type { RunningNode } from "../node/start-node.js";
import { EXIT } from "./exit-codes.js";

const RESOLVE_AGAIN_MS = 1_000;

const EXAMPLES = `
Every setting can be given in the environment too (LOGMR_DATA_DIR for --data-dir; several values with commas), and in the
YAML file of --config under the flag's name. Flags win over the environment, which wins over the file.

Examples:
  logmr-node --logs web=/var/log/nginx
  logmr-node --join 10.0.0.5:7400 --logs web=/var/log/nginx --insecure
`;

function nodeCommand(): Command {
  const command = new Command("logmr-node")
    .description("A node of a logmr cluster: offers log files, and answers questions over those of all nodes")
    .version(packageVersion())
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText("after", EXAMPLES);
  for (const name of SETTING_NAMES) command.addOption(optionOf(name, NODE_SETTINGS[name]));
  return command.option("--config <FILE>", "YAML file with the same keys as the flags (also LOGMR_CONFIG)");
}

function optionOf(name: string, setting: Setting): Option {
  const flag = setting.type === "switch" ? `--${name}` : `--${name} <${setting.placeholder}>`;
  const option = new Option(flag, setting.description);
  if (!setting.repeated) return option;
  return option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
}

/** The flags, the environment and the file, in the order in which they win. */
function readConfig(arguments_: readonly string[]): NodeConfig {
  const command = nodeCommand().parse(arguments_, { from: "user" });
  const given = command.opts<Record<string, unknown>>();
  const flags = SETTING_NAMES.map((name) => [name, given[camelCase(name)]]).filter(([, value]) => value !== undefined);
  const sources: SettingSource[] = [
    { label: (name) => `--${name}`, values: Object.fromEntries(flags) as Record<string, unknown> },
    environmentSettings(process.env),
  ];
  const file = given.config ?? process.env.LOGMR_CONFIG;
  if (typeof file === "string") sources.push(fileSettings(file));
  return parseNodeConfig(sources);
}

const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());

function fileSettings(path: string): SettingSource {
  const label = (name: string): string => `"${name}" in ${path}`;
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError("unreadable", `cannot read the configuration file ${path}: ${reason}`);
  }
  if (content === null) return { label, values: {} };
  if (typeof content === "object" && !Array.isArray(content)) return { label, values: { ...content } };
  throw new ConfigError("unreadable", `${path} is not a YAML mapping of settings, such as "name: node-1"`);
}

function stopOnSignals(node: RunningNode, log: Log): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(EXIT.internal);
    isStopping = true;
    log.info({ signal }, "Leaving the cluster");
    node.stop().then(
      () => process.exit(EXIT.done),
      (error: unknown) => {
        log.error({ error: String(error) }, "The node did not stop cleanly");
        process.exit(EXIT.internal);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`logmr-node: ${message}\n`);
  process.exit(error instanceof ConfigError ? EXIT.usage : EXIT.internal);
}

/** A node to join whose name does not resolve yet may come: it is asked for again, for ever. */
async function listenersOf(config: NodeConfig, log: Log): Promise<Listeners> {
  for (;;) {
    const found = await resolveListeners({ ...config, join: seedsOf(config) });
    if (!("unresolved" in found)) return found;
    log.warn({ unresolved: found.unresolved }, "No node to join is known by name yet; asking again");
    await setTimeout(RESOLVE_AGAIN_MS);
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  const log = openStderrLog();
  const listeners = await listenersOf(config, log);
  // A stream that a peer resets, a commit that a full disk refuses: each caller hears of it, the library repeats it here.
  process.on("unhandledRejection", (reason) => log.error({ reason: String(reason) }, "An operation failed unheard"));
  // Loaded late: what refuses a setting need not wait for the libraries of a running node, and in a bundle these would
  // otherwise load before the polyfill that they need.
  const { startNode } = await import("../node/start-node.js");
  limitHeapGrowth();
  const node = await startNode(config, listeners, log);
  const { id, listen, grpc, http, name } = node.self;
  stopOnSignals(node, log);
  process.stdout.write(`${JSON.stringify({ ready: true, id, listen, grpc, http })}\n`);
  log.info({ id, name, listen, grpc, http, insecure: config.insecure }, "The node is ready");
}

await main().catch(fail);
