/**
 * Commands that ask a cluster: finding the node, running a query through it, and the exit code of each way it can fail.
 * `LOGMR_NODE` is read here and nowhere else, but for `query`, which ignores it beside files.
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_MAX_RESULT_BYTES,
  type JobPriority,
  type JobRequest,
  jobIdOf,
} from "../job/request.js";
import type { ResultTable } from "../job/result.js";
import { isTerminal, type JobStatus } from "../job/status.js";
import { NodeClientError, type NodeRefusal } from "../node/adapters/grpc/node-client.js";
import { RoamingClient } from "../node/adapters/grpc/roaming-client.js";
import { CommandError, EXIT, type ExitCode } from "./exit-codes.js";
import { ProgressBar } from "./progress-bar.js";

export interface ClusterQuery {
  /** `HOST:PORT` of the gRPC listener of any node. */
  readonly node: string;
  readonly sql: string;
  readonly format?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Client key: the same key with the same request is the same job. */
  readonly id?: string;
  readonly allowIncomplete: boolean;
  readonly deadlineMs?: number;
  readonly durability?: number;
  readonly expectHolders?: number;
  readonly priority?: JobPriority;
  readonly maxResultBytes?: number;
  readonly quiet: boolean;
  /** Ask how many threads the job had. */
  readonly countsThreads?: boolean;
}

export interface ClusterAnswer {
  readonly table: ResultTable;
  readonly status: JobStatus;
  /** Scanning threads of the members that the job ran on; 0 if that was not asked. */
  readonly threads: number;
}

const SUBMIT_RETRIES = 3;
const RETRY_AFTER_MS = 500;

/** As a shell shows a process that Ctrl-C ended. */
const EXIT_AFTER_INTERRUPT = 130;

const EXIT_OF: Readonly<Record<NodeRefusal, ExitCode>> = {
  unreachable: EXIT.unreachable,
  unavailable: EXIT.unreachable,
  invalid: EXIT.usage,
  conflict: EXIT.usage,
  limit: EXIT.usage,
  unknown: EXIT.input,
  precondition: EXIT.failed,
  internal: EXIT.internal,
};

/** Runs `use` with a client of the node; closes it. What the node refuses becomes a {@link CommandError}. */
export async function withNode<Result>(
  node: string | undefined,
  use: (client: RoamingClient) => Promise<Result>,
): Promise<Result> {
  const client = openClient(node);
  try {
    return await use(client);
  } catch (error) {
    if (error instanceof NodeClientError) throw new CommandError(EXIT_OF[error.code], error.message, error);
    throw error;
  } finally {
    client.close();
  }
}

function openClient(node: string | undefined): RoamingClient {
  const address = node ?? process.env.LOGMR_NODE;
  if (address === undefined || address === "") {
    throw new CommandError(EXIT.usage, "which node? Give --node HOST:PORT (its gRPC address), or set LOGMR_NODE");
  }
  try {
    return new RoamingClient(address);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(EXIT.usage, `the node ${error.message}`);
    throw error;
  }
}

/** A job's id, and how many durable copies it had when it was acknowledged. */
interface SubmittedJob {
  readonly jobId: string;
  readonly copies: number;
}

/**
 * The job that the query became. A node whose disk is too busy to acknowledge in time is asked again with the
 * same key, which tops the copies up; copies that were asked for by number are not haggled over.
 */
export async function submitQuery(client: RoamingClient, query: ClusterQuery): Promise<SubmittedJob> {
  const id = query.id ?? randomUUID();
  for (let retries = 0; ; retries += 1) {
    try {
      return await client.submit(id, requestOf(query));
    } catch (error) {
      const mayPass = error instanceof NodeClientError && error.code === "unavailable";
      if (!mayPass || query.durability !== undefined || retries === SUBMIT_RETRIES) throw error;
      await setTimeout(RETRY_AFTER_MS);
    }
  }
}

function requestOf(query: ClusterQuery): JobRequest {
  return {
    sql: query.sql,
    ...(query.format === undefined ? {} : { format: query.format }),
    ...(query.sinceMs === undefined ? {} : { sinceMs: query.sinceMs }),
    ...(query.untilMs === undefined ? {} : { untilMs: query.untilMs }),
    allowIncomplete: query.allowIncomplete,
    deadlineMs: query.deadlineMs ?? DEFAULT_DEADLINE_MS,
    maxResultBytes: query.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES,
    ...(query.durability === undefined ? {} : { durability: query.durability }),
    ...(query.expectHolders === undefined ? {} : { expectHolders: query.expectHolders }),
    ...(query.priority === undefined ? {} : { priority: query.priority }),
  };
}

/** Waits for a job's result, with its progress on a terminal. */
export async function awaitResult(
  client: RoamingClient,
  jobId: string,
  quiet: boolean,
): Promise<{ readonly table: ResultTable; readonly status: JobStatus }> {
  const progress = new ProgressBar(process.stderr, quiet);
  const show = (status: JobStatus): void => {
    if (!isTerminal(status.state)) progress.update(status.bytesDone, status.bytesTotal);
  };
  try {
    // Progress is a courtesy: a watch that breaks must not cost the result.
    if (process.stderr.isTTY && !quiet) await client.watch(jobId, show).catch(() => undefined);
    return await client.result(jobId);
  } finally {
    progress.clear();
  }
}

/** Submits a query through a node and waits for its answer. Throws a {@link CommandError}. */
export async function runOnCluster(query: ClusterQuery): Promise<ClusterAnswer> {
  return await withNode(query.node, async (client) => {
    if (query.id !== undefined) return await answerOf(client, query);
    const id = randomUUID();
    const stop = cancelOnInterrupt(client, jobIdOf(id));
    try {
      return await answerOf(client, { ...query, id });
    } finally {
      stop();
    }
  });
}

async function answerOf(client: RoamingClient, query: ClusterQuery): Promise<ClusterAnswer> {
  const { jobId } = await submitQuery(client, query);
  const { table, status } = await awaitResult(client, jobId, query.quiet);
  if (query.countsThreads !== true) return { table, status, threads: 0 };
  const workers = (await client.members()).filter((member) => status.nodes.includes(member.name));
  return { table, status, threads: workers.reduce((sum, member) => sum + member.threads, 0) };
}

/** Lets Ctrl-C take a job along that nobody else can ask for; a second one ends at once. Returns what undoes it. */
function cancelOnInterrupt(client: RoamingClient, jobId: string): () => void {
  const cancel = (): void => {
    const end = (): never => process.exit(EXIT_AFTER_INTERRUPT);
    client.cancel(jobId).then(end, end);
  };
  process.once("SIGINT", cancel);
  return () => process.removeListener("SIGINT", cancel);
}
