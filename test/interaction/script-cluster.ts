/**
 * Runs an interaction script: commands against a small simulated cluster, with what the nodes then say to each other
 * written below each command. Probes and their answers are left out.
 *
 *   files LEAVES…            the sizes of the shared files, in MiB
 *   leaf MS                  how long nodes that start from now on scan a MiB (30)
 *   start NODE [join NODE…]  starts a node
 *   run MS                   lets simulated time pass
 *   submit NODE KEY · status NODE KEY · preview NODE KEY · result NODE KEY · cancel NODE KEY · view NODE
 *   cut NODE NODE · crash NODE · stop NODE
 */

import { type NodeId, nodeId } from "../../src/base/ids.js";
import { decodeRecord } from "../../src/cluster/job/record-codec.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import type { Member } from "../../src/cluster/member.js";
import { protocolWith } from "../../src/cluster/protocol.js";
import { DEFAULT_MAX_RESULT_BYTES, jobIdOf } from "../../src/job/request.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import type { DriverPorts } from "../../src/node/driver/driver-config.js";
import { type ControlMessage, decodeControl } from "../../src/node/driver/wire.js";
import { oracleTable } from "../sim/oracle.js";
import { RandomStream } from "../sim/random-stream.js";
import type { ExchangeServers } from "../sim/simulated-exchange.js";
import { NO_NUISANCE, SimulatedNetwork } from "../sim/simulated-network.js";
import { addressOf, SimulatedNode } from "../sim/simulated-node.js";
import { SimulatedDisk } from "../sim/simulated-store.js";
import { SimulatedTime } from "../sim/simulated-time.js";
import { Tally } from "../sim/tally.js";
import type { ToyFile } from "../sim/toy-sources.js";
import { Trace } from "../sim/trace.js";

const SEED = 1;

export class ScriptCluster {
  readonly #time = new SimulatedTime();
  readonly #trace = new Trace(this.#time, undefined);
  readonly #network = new SimulatedNetwork(this.#time, SEED, NO_NUISANCE, this.#trace, new Tally());
  readonly #servers: ExchangeServers = new Map();
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #names = new Map<string, string>();
  readonly #lines: string[] = [];
  #files: readonly ToyFile[] = [];
  #leafMs = 30;

  /** Carries out one command; returns what was said meanwhile. */
  run(command: string): readonly string[] {
    const [verb = "", ...words] = command.split(/\s+/);
    this.#carryOut(verb, words);
    return this.#lines.splice(0);
  }

  #carryOut(verb: string, words: readonly string[]): void {
    const [first = "", second = ""] = words;
    const driver = this.#nodes.get(first)?.driver;
    const job = this.#name(second);
    switch (verb) {
      case "files":
        this.#files = words.map((leaves, index) => ({
          source: "web",
          path: `f${index}`,
          node: null,
          sizeBytes: Number(leaves) * LEAF_BYTES,
        }));
        break;
      case "leaf":
        this.#leafMs = Number(first);
        break;
      case "start":
        this.#start(first, words.slice(2));
        break;
      case "run":
        this.#time.runUntil(this.#time.nowMs + Number(first));
        break;
      case "submit":
        driver?.submit(second, requestOf(second), (outcome) => {
          this.#say(
            `${first} acknowledges ${second}: ${"code" in outcome ? outcome.code : `${outcome.copies} copies`}`,
          );
        });
        break;
      case "status":
        driver?.status(job, (status) => this.#say(`${first} says ${second} is ${status?.state ?? "unknown"}`));
        break;
      case "cancel":
        driver?.cancel(job, (status) => this.#say(`${first} says ${second} is ${status?.state ?? "unknown"}`));
        break;
      case "preview":
        driver?.preview(job, (preview) => {
          const share = Math.round((preview?.status.coverage ?? 0) * 1000) / 10;
          const lines = preview?.table?.counters.lines ?? 0;
          this.#say(`${first} previews ${second}: ${preview?.status.state ?? "unknown"}, ${share} %, ${lines} lines`);
        });
        break;
      case "result":
        driver?.result(job, (finished) => {
          const table = finished?.table;
          const isRight = table !== undefined && textOf(table) === textOf(oracleTable(this.#files));
          this.#say(
            `${first} answers ${second}: ${finished?.status.state ?? "unknown"}${isRight ? ", the oracle's rows" : ""}`,
          );
        });
        break;
      case "view":
        this.#say(`${first} sees ${membersOf(driver?.view().members ?? [])}`);
        break;
      case "cut":
        this.#cut(this.#network.numberOf(nodeId(first)), this.#network.numberOf(nodeId(second)));
        break;
      case "crash":
        this.#nodes.get(first)?.crash();
        break;
      case "stop":
        driver?.stop(() => this.#say(`${first} has left`));
        break;
      default:
        throw new Error(`no command ${verb}`);
    }
  }

  #cut(one: number, other: number): void {
    const both = [
      [one, other],
      [other, one],
    ] as const;
    this.#network.cut(both, { atOnce: true });
  }

  #start(name: string, seeds: readonly string[]): void {
    const id = nodeId(name);
    const leafMs = this.#leafMs;
    const node =
      this.#nodes.get(name) ??
      new SimulatedNode({
        id,
        seeds: seeds.map((seed) => addressOf(nodeId(seed))),
        time: this.#time,
        network: this.#network,
        disk: new SimulatedDisk(this.#time, new RandomStream(SEED, `disk ${name}`), {
          fsyncMs: 0,
          tornWrites: 0,
        }),
        servers: this.#servers,
        random: new RandomStream(SEED, `node ${name}`),
        lateness: new RandomStream(SEED, `lateness ${name}`),
        skewMs: 0,
        incarnationOf: (life) => life,
        protocol: protocolWith(),
        toy: { files: this.#files, spanLevel: { kind: "range", level: 0 }, taskMs: (leaves) => leafMs * leaves },
        threads: 1,
        decorate: (ports) => this.#listenIn(id, ports),
      });
    this.#nodes.set(name, node);
    node.start();
  }

  /** Writes down what a node sends and asks. */
  #listenIn(self: NodeId, ports: DriverPorts): DriverPorts {
    const { peerNetwork, exchange } = ports;
    const tell = (to: string, bytes: Uint8Array): void => {
      const text = describeControl(decodeControl(bytes), (id) => this.#nameOf(id));
      if (text !== undefined) this.#say(`${self} → ${to}: ${text}`);
    };
    return {
      ...ports,
      peerNetwork: peerNetwork && {
        self,
        start: (handlers) => peerNetwork.start(handlers),
        dial: (address) => {
          this.#say(`${self} dials ${address.split(":")[0]}`);
          peerNetwork.dial(address);
        },
        send: (to, bytes) => {
          tell(to, bytes);
          peerNetwork.send(to, bytes);
        },
        publish: (bytes) => {
          tell("all", bytes);
          peerNetwork.publish(bytes);
        },
      },
      exchange: {
        start: (handlers) => exchange.start(handlers),
        describe: (from, question, done) => exchange.describe(from, question, done),
        pull: (from, request, events) => {
          this.#say(`${self} → ${from.id}: pull ${request.vertex} (${request.kind})`);
          return exchange.pull(from, request, {
            onProgress: (progress) => events.onProgress(progress),
            onPartial: (partial, origin) => {
              this.#say(`${from.id} → ${self}: the partial of ${request.vertex}`);
              events.onPartial(partial, origin);
            },
            onFailure: (failure, detail) => {
              this.#say(`${from.id} → ${self}: ${request.vertex} ${failure}`);
              events.onFailure(failure, detail);
            },
          });
        },
        replicate: (to, bytes, done) => {
          const record = decodeRecord(bytes);
          this.#say(`${self} → ${to.id}: copy of ${this.#nameOf(record?.manifest.jobId ?? "")} ${record?.state}`);
          exchange.replicate(to, bytes, done);
        },
        fetchRecord: (from, jobId, done) => {
          this.#say(`${self} → ${from.id}: record of ${this.#nameOf(jobId)}?`);
          exchange.fetchRecord(from, jobId, done);
        },
      },
    };
  }

  #say(line: string): void {
    this.#lines.push(`${Math.round(this.#time.nowMs)} ${line}`);
  }

  #name(key: string) {
    const id = jobIdOf(key);
    this.#names.set(id, key);
    return id;
  }

  #nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }
}

const requestOf = (key: string) => ({
  sql: key,
  allowIncomplete: false,
  deadlineMs: 60_000,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
});

const textOf = (table: Parameters<typeof encodeResult>[0]): string => new TextDecoder().decode(encodeResult(table));

const membersOf = (members: readonly Member[]): string =>
  members.map((member) => `${member.id}=${member.state}@${member.incarnation}`).join(" ");

const DIGEST_DIGITS = 16;

const describeSync = (members: readonly Member[], areBuckets: boolean): string =>
  `${members.length === 0 ? "knows the same" : `members ${membersOf(members)}`}${areBuckets ? ", and yours?" : ""}`;

/** Undefined for probes, which would drown the rest. */
function describeControl(control: ControlMessage | undefined, nameOf: (id: string) => string): string | undefined {
  const message = control?.message;
  switch (message?.kind) {
    case "compare":
      return `compares ${message.digests.length === DIGEST_DIGITS ? "all" : "buckets"}`;
    case "sync":
      return describeSync(message.members, message.buckets !== undefined);
    case "news":
      return `news ${membersOf(message.members)}`;
    case "retired":
      return `${nameOf(message.jobId)} is retired`;
    case "announce":
      return `${nameOf(message.jobId)} is ${message.state}`;
    case "beacon":
      return `beacon ${message.jobs.map((job) => `${nameOf(job.jobId)} ${job.doneSpans} spans`).join(", ")}`;
    default:
      return undefined;
  }
}
