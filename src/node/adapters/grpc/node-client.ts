/** A client of any node: the services `Jobs` and `Cluster` as promises. */

import { status as code, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { formatHostPort, parseHostPort } from "../../../base/host-port.js";
import type { Member } from "../../../cluster/member.js";
import { ClusterClient, type SourceFile } from "../../../generated/logmr/v1/cluster.js";
import {
  type GetResultResponse,
  JobsClient,
  type ResultRest,
  type JobStatus as WireStatus,
} from "../../../generated/logmr/v1/jobs.js";
import type { JobRequest } from "../../../job/request.js";
import type { ResultColumn, ResultTable, ScanCounters, Value } from "../../../job/result.js";
import type { JobStatus } from "../../../job/status.js";
import { CLIENT_CHANNEL_OPTIONS } from "./channel.js";
import { errorInfoOf } from "./error-details.js";
import { readStream } from "./read-stream.js";
import { memberFromWire } from "./wire-cluster.js";
import { columnTypeFromWire, countersFromWire, requestToWire, statusFromWire, valueFromWire } from "./wire-jobs.js";

/** How a node refused a call, by the meaning of its gRPC code; `unreachable`: it did not answer. */
export type NodeRefusal =
  | "unreachable"
  | "unavailable"
  | "invalid"
  | "unknown"
  | "conflict"
  | "precondition"
  | "limit"
  | "internal";

export class NodeClientError extends Error {
  readonly code: NodeRefusal;
  /** `HOST:PORT` of the node. */
  readonly node: string;
  /** The node's own reason, such as `LEAVING`: see proto/logmr/v1/jobs.proto. Undefined where no node gave one. */
  readonly reason: string | undefined;

  constructor(refusal: NodeRefusal, node: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = cause instanceof Error ? errorInfoOf((cause as Partial<ServiceError>).metadata)?.reason : undefined;
    this.name = "NodeClientError";
    this.code = refusal;
    this.node = node;
  }
}

const REFUSALS: Partial<Record<code, NodeRefusal>> = {
  [code.INVALID_ARGUMENT]: "invalid",
  [code.NOT_FOUND]: "unknown",
  [code.ALREADY_EXISTS]: "conflict",
  [code.FAILED_PRECONDITION]: "precondition",
  [code.RESOURCE_EXHAUSTED]: "limit",
  [code.OUT_OF_RANGE]: "limit",
};

/** Calls that should answer at once give up after this. */
const CALL_TIMEOUT_MS = 30_000;

export interface ResultOfJob {
  readonly status: JobStatus;
  readonly table: ResultTable;
}

export interface ListedSources {
  readonly files: readonly SourceFile[];
  /** Sources whose holders could not be asked. */
  readonly unreachable: readonly string[];
}

export class NodeClient {
  readonly address: string;
  readonly #jobs: JobsClient;
  readonly #cluster: ClusterClient;

  /** Throws a RangeError unless the address is `HOST:PORT`. Nothing is connected before the first call. */
  constructor(address: string) {
    this.address = formatHostPort(parseHostPort(address));
    this.#jobs = new JobsClient(this.address, credentials.createInsecure(), CLIENT_CHANNEL_OPTIONS);
    this.#cluster = new ClusterClient(this.address, credentials.createInsecure(), CLIENT_CHANNEL_OPTIONS);
  }

  async submit(clientKey: string, request: JobRequest): Promise<{ readonly jobId: string; readonly copies: number }> {
    const message = { clientKey, request: requestToWire(request) };
    return await this.#call((done) => this.#jobs.submit(message, new Metadata(), withTimeout(), done));
  }

  async status(jobId: string): Promise<JobStatus> {
    const answer = await this.#call<{ status: WireStatus | undefined }>((done) =>
      this.#jobs.getStatus({ jobId }, new Metadata(), withTimeout(), done),
    );
    return this.#statusOf(answer.status);
  }

  async cancel(jobId: string): Promise<JobStatus> {
    const answer = await this.#call<{ status: WireStatus | undefined }>((done) =>
      this.#jobs.cancel({ jobId }, new Metadata(), withTimeout(), done),
    );
    return this.#statusOf(answer.status);
  }

  async jobs(): Promise<readonly JobStatus[]> {
    const answer = await this.#call<{ jobs: WireStatus[] }>((done) =>
      this.#jobs.list({}, new Metadata(), withTimeout(), done),
    );
    return answer.jobs.map(statusFromWire);
  }

  /** Calls `onStatus` now and at every change; resolves after the terminal state. */
  watch(jobId: string, onStatus: (status: JobStatus) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      readStream(
        this.#jobs.watchStatus({ jobId }),
        (message) => onStatus(this.#statusOf(message.status)),
        (error) => (error === null ? resolve() : reject(this.#errorOf(error))),
      );
    });
  }

  /** Waits for a running job; as a preview, gives what there is of its answer now. */
  result(jobId: string, preview = false): Promise<ResultOfJob> {
    const collected = new ResultCollector();
    return new Promise((resolve, reject) => {
      readStream(
        this.#jobs.getResult({ jobId, preview }),
        (message) => collected.push(message),
        (error) => {
          const result = collected.result;
          if (error !== null) reject(this.#errorOf(error));
          else if (result === undefined) reject(this.#error("internal", "the node sent a result without its header"));
          else resolve(result);
        },
      );
    });
  }

  /** The cluster's members as the node sees them. */
  async members(): Promise<readonly Member[]> {
    const answer = await this.#call<{ members: Parameters<typeof memberFromWire>[0][] }>((done) =>
      this.#cluster.listMembers({}, new Metadata(), withTimeout(), done),
    );
    return answer.members.map(memberFromWire);
  }

  async sources(): Promise<ListedSources> {
    return await this.#call<ListedSources>((done) =>
      this.#cluster.listSources({ name: "" }, new Metadata(), withTimeout(), done),
    );
  }

  close(): void {
    this.#jobs.close();
    this.#cluster.close();
  }

  #call<Response>(
    start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      start((error, response) => (error === null ? resolve(response) : reject(this.#errorOf(error))));
    });
  }

  #statusOf(wire: WireStatus | undefined): JobStatus {
    if (wire === undefined) throw this.#error("internal", "the node sent no status");
    return statusFromWire(wire);
  }

  #error(refusal: NodeRefusal, message: string, cause?: unknown): NodeClientError {
    return new NodeClientError(refusal, this.address, message, cause);
  }

  /** A node that answers says why it is unavailable; a connection that fails says so in gRPC's own words. */
  #errorOf(error: ServiceError): NodeClientError {
    const refusal = REFUSALS[error.code];
    if (refusal !== undefined) return this.#error(refusal, error.details, error);
    // Nobody cancels on this side: it was cut off by a node that goes.
    const isConnection =
      error.code === code.CANCELLED ||
      error.code === code.DEADLINE_EXCEEDED ||
      /^(No connection|Connection dropped|.*ECONN|Name res)/.test(error.details);
    if (error.code === code.UNAVAILABLE && !isConnection) return this.#error("unavailable", error.details, error);
    if (error.code === code.UNIMPLEMENTED) {
      const message = `what answers at ${this.address} is no logmr node, or one that starts; check that --node names its gRPC address`;
      return this.#error("unreachable", message, error);
    }
    if (error.code === code.UNAVAILABLE || isConnection) {
      const message = `no node answers at ${this.address}; check that it runs and that --node names its gRPC address`;
      return this.#error("unreachable", message, error);
    }
    return this.#error("internal", `the node at ${this.address} failed: ${error.details}`, error);
  }
}

const withTimeout = () => ({ deadline: Date.now() + CALL_TIMEOUT_MS });

/** Puts the messages of `GetResult` back into a table. */
class ResultCollector {
  #status: JobStatus | undefined;
  #columns: readonly ResultColumn[] = [];
  #counters: ScanCounters | undefined;
  readonly #rows: Value[][] = [];

  push({ part }: GetResultResponse): void {
    switch (part?.$case) {
      case "header":
        if (part.value.status !== undefined) this.#status = statusFromWire(part.value.status);
        this.#columns = part.value.columns.map(({ name, type }) => ({ name, type: columnTypeFromWire(type) }));
        this.#counters = countersFromWire(part.value.counters);
        break;
      case "page":
        for (const { values } of part.value.rows) this.#rows.push(values.map(valueFromWire));
        break;
      case "rest":
        this.#continue(part.value);
        break;
      case undefined:
        break;
    }
  }

  #continue({ text, values }: ResultRest): void {
    const row = this.#rows.at(-1) ?? [];
    const last = row.length - 1;
    const begun = row[last];
    if (typeof begun === "string") row[last] = begun + text;
    row.push(...values.map(valueFromWire));
  }

  get result(): ResultOfJob | undefined {
    if (this.#status === undefined || this.#counters === undefined) return undefined;
    return {
      status: this.#status,
      table: { columns: this.#columns, rows: this.#rows, counters: this.#counters },
    };
  }
}
