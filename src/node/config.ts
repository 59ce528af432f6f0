/**
 * A node's settings: one schema that gives type, default, unit, description, flag and environment name, and says how the
 * three places win over each other (flags, then environment, then file). Parsed once, frozen; everything else takes values.
 */

import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseHostPort } from "../base/host-port.js";
import { nearestName } from "../engine/sql/nearest-name.js";
import { MEMORY_SIZE_HINT, parseMemorySize } from "./memory-size.js";
import { PART_SIZE_HINT, parsePartSize } from "./part-size.js";
import { parseResultCap, RESULT_CAP_HINT } from "./result-cap.js";

/** `address`: HOST:PORT, port 0 picks a free one. `source`: NAME=DIR. */
export type SettingType =
  | "address"
  | "text"
  | "directory"
  | "count"
  | "size"
  | "part-size"
  | "result-cap"
  | "switch"
  | "source";

export interface Setting {
  readonly type: SettingType;
  /** Whether it may be given several times; in the environment the values are separated by commas. */
  readonly repeated: boolean;
  /** What the value is called in the help. */
  readonly placeholder: string;
  readonly description: string;
}

const setting = (type: SettingType, placeholder: string, description: string): Setting => ({
  type,
  repeated: false,
  placeholder,
  description,
});
const repeated = (type: SettingType, placeholder: string, description: string): Setting => ({
  ...setting(type, placeholder, description),
  repeated: true,
});

/** Keys are the flags without their dashes, and the keys of the file; the environment has LOGMR_ and capitals. */
export const NODE_SETTINGS = {
  listen: setting("address", "HOST:PORT", "peer-to-peer listener (default: 127.0.0.1:7400; see --join)"),
  grpc: setting("address", "HOST:PORT", "gRPC listener (default: port 7401 on the host of --listen)"),
  http: setting("address", "HOST:PORT", "HTTP listener for /healthz and /metrics (default: port 7402 there)"),
  advertise: setting("text", "HOST", "the host that others reach this node by (default: that of each listener)"),
  join: repeated(
    "address",
    "HOST:PORT",
    "peer-to-peer address of any running node, or a name with those of several; retried for ever",
  ),
  "peers-file": setting("text", "FILE", "nodes to join, one HOST:PORT a line; read again whenever it changes"),
  name: setting("text", "NAME", "this node's name in listings (default: the one it was given last, or the host's)"),
  "data-dir": setting("directory", "DIR", "identity, job records and finished work (default: ~/.local/share/logmr)"),
  logs: repeated("source", "NAME=DIR", "offer the logs of a directory that only this node has"),
  "shared-logs": repeated("source", "NAME=DIR", "offer a directory that is the same on every node that offers NAME"),
  zone: setting("text", "ZONE", "where this node stands, such as a rack or a data centre"),
  threads: setting("count", "COUNT", "scanning threads (default: one a processor)"),
  memory: setting(
    "size",
    "SIZE",
    "for the groups of all threads; more go to DIR (default: half of it all, at most 4GiB)",
  ),
  "part-size": setting(
    "part-size",
    "SIZE",
    "groups of a query that take more are merged in parts of about this size by all nodes (default: 32MiB)",
  ),
  "max-result": setting(
    "result-cap",
    "SIZE",
    "jobs that ask for a higher cap on their result than this are refused (default: 256MiB)",
  ),
  insecure: setting("switch", "", "listen beyond loopback without credentials: anyone who connects may read the logs"),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof NODE_SETTINGS;

export const SETTING_NAMES = Object.keys(NODE_SETTINGS) as readonly SettingName[];

export interface NamedDirectory {
  readonly name: string;
  readonly directory: string;
  readonly shared: boolean;
}

/** What {@link parseNodeConfig} gives; undefined where the default depends on the machine. */
export interface NodeConfig {
  readonly listen: string | undefined;
  readonly grpc: string | undefined;
  readonly http: string | undefined;
  readonly advertise: string | undefined;
  readonly join: readonly string[];
  readonly peersFile: string | undefined;
  readonly name: string | undefined;
  readonly dataDir: string;
  readonly sources: readonly NamedDirectory[];
  readonly zone: string;
  readonly threads: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly partBytes: number | undefined;
  readonly maxResultBytes: number | undefined;
  readonly insecure: boolean;
}

/** A setting that cannot be used. The message names where it was given, its value and what would do. */
export class ConfigError extends Error {
  readonly code: "unknown-setting" | "bad-value" | "insecure-listener" | "unreadable";

  constructor(code: ConfigError["code"], message: string) {
    super(message);
    this.name = "ConfigError";
    this.code = code;
  }
}

/** One place where settings are given. */
export interface SettingSource {
  /** For messages: how a setting is written there. */
  readonly label: (name: string) => string;
  readonly values: Readonly<Record<string, unknown>>;
}

const MAX_THREADS = 1024;
const NAMED_DIRECTORY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}=./;

/** What Kubernetes and Docker links set for a service named logmr or logmr-…: addresses, no settings. */
const SERVICE_LINK = /_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_.+)?)?)$/;

/** The environment's settings: every variable that begins with LOGMR_, but those of the client. */
export function environmentSettings(environment: Readonly<Record<string, string | undefined>>): SettingSource {
  const values: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith("LOGMR_") || variable === "LOGMR_NODE" || variable === "LOGMR_CONFIG") continue;
    if (SERVICE_LINK.test(variable)) continue;
    const name = variable.slice("LOGMR_".length).toLowerCase().replaceAll("_", "-");
    const known = (NODE_SETTINGS as Readonly<Record<string, Setting>>)[name];
    values[name] = known?.repeated === true ? text?.split(",").map((part) => part.trim()) : text;
  }
  return { label: (name) => `LOGMR_${name.toUpperCase().replaceAll("-", "_")}`, values };
}

/** Merges the places, the first that gives a setting wins. Throws a {@link ConfigError}. */
export function parseNodeConfig(sources: readonly SettingSource[]): NodeConfig {
  for (const source of sources) refuseUnknown(source);
  const given = (name: SettingName): readonly string[] => {
    for (const source of sources) {
      const value = source.values[name];
      if (value !== undefined) return textsOf(name, source, value);
    }
    return [];
  };
  const first = (name: SettingName): string | undefined => given(name)[0];
  const threads = first("threads");
  const memory = first("memory");
  const part = first("part-size");
  const maxResult = first("max-result");
  return Object.freeze({
    listen: first("listen"),
    grpc: first("grpc"),
    http: first("http"),
    advertise: first("advertise"),
    join: given("join"),
    peersFile: first("peers-file"),
    name: first("name"),
    dataDir: resolve(first("data-dir") ?? defaultDataDir()),
    sources: declaredSources(given("logs"), given("shared-logs")),
    zone: first("zone") ?? "",
    threads: threads === undefined ? undefined : Number(threads),
    memoryBytes: memory === undefined ? undefined : parseMemorySize(memory),
    partBytes: part === undefined ? undefined : parsePartSize(part),
    maxResultBytes: maxResult === undefined ? undefined : parseResultCap(maxResult),
    insecure: first("insecure") === "true",
  });
}

function defaultDataDir(): string {
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "logmr");
}

function refuseUnknown(source: SettingSource): void {
  for (const name of Object.keys(source.values)) {
    if (name in NODE_SETTINGS) continue;
    const nearest = nearestName(name, SETTING_NAMES);
    const hint =
      nearest === undefined ? `there are ${SETTING_NAMES.join(", ")}` : `did you mean ${source.label(nearest)}?`;
    throw new ConfigError("unknown-setting", `${source.label(name)} is no setting of a node; ${hint}`);
  }
}

/** The checked values of one setting at the place that gives it. */
function textsOf(name: SettingName, source: SettingSource, value: unknown): readonly string[] {
  const { type, repeated: mayRepeat } = NODE_SETTINGS[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 1 && !mayRepeat) {
    throw new ConfigError("bad-value", `${source.label(name)} is given ${values.length} times; once is enough`);
  }
  return values.map((one) => {
    const isPlain = typeof one === "string" || typeof one === "number" || typeof one === "boolean";
    const problem = isPlain ? problemWith(type, String(one)) : "it is a plain value";
    if (problem === undefined) return String(one);
    throw new ConfigError("bad-value", `${source.label(name)} is ${JSON.stringify(one)}; ${problem}`);
  });
}

function problemWith(type: SettingType, text: string): string | undefined {
  switch (type) {
    case "address":
      try {
        parseHostPort(text);
        return undefined;
      } catch {
        return "it is HOST:PORT, such as 10.0.0.5:7400 or [::1]:7400";
      }
    case "count": {
      const isCount = /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_THREADS;
      return isCount ? undefined : `it is a whole number from 1 to ${MAX_THREADS}`;
    }
    case "size":
      return parseMemorySize(text) === undefined ? MEMORY_SIZE_HINT : undefined;
    case "part-size":
      return parsePartSize(text) === undefined ? PART_SIZE_HINT : undefined;
    case "result-cap":
      return parseResultCap(text) === undefined ? RESULT_CAP_HINT : undefined;
    case "switch":
      return text === "true" || text === "false" ? undefined : "it is true or false";
    case "source":
      return NAMED_DIRECTORY.test(text)
        ? undefined
        : "it is NAME=DIR, with a name of letters, digits, dots, dashes and underscores";
    case "text":
    case "directory":
      return text === "" ? "it is not empty" : undefined;
  }
}

function declaredSources(own: readonly string[], shared: readonly string[]): readonly NamedDirectory[] {
  const declared = [
    ...own.map((text) => namedDirectory(text, false)),
    ...shared.map((text) => namedDirectory(text, true)),
  ];
  const names = declared.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return declared;
  throw new ConfigError("bad-value", `the source "${twice}" is declared twice; give each directory its own name`);
}

function namedDirectory(text: string, shared: boolean): NamedDirectory {
  const separator = text.indexOf("=");
  return { name: text.slice(0, separator), directory: resolve(text.slice(separator + 1)), shared };
}
