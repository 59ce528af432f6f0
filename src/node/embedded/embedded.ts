/**
 * Answers a query within this process: a cluster of one member, with in-memory adapters and the production driver. There
 * is no other executor.
 */

import { availableParallelism } from "node:os";
import { assert } from "../../base/assert.js";
import { nodeId } from "../../base/ids.js";
import type { NodeDescription } from "../../cluster/member.js";
import { protocolWith } from "../../cluster/protocol.js";
import { sourceOfQuery } from "../../engine/sql/compile-query.js";
import { SEMANTICS_VERSION } from "../../job/manifest.js";
import { DEFAULT_DEADLINE_MS, type JobRequest } from "../../job/request.js";
import { type AnswerTable, inMemory, type ResultTable } from "../../job/result.js";
import type { JobStatus } from "../../job/status.js";
import { MemoryExchanges } from "../adapters/memory/exchange.js";
import { MemoryStore } from "../adapters/memory/store.js";
import { processClock, processRandom } from "../adapters/process/clock.js";
import type { ScanSource } from "../adapters/threads/chunks.js";
import { EmbeddedPool } from "../adapters/threads/embedded-pool.js";
import { NodeDriver } from "../driver/node-driver.js";
import { InputError } from "../input-error.js";
import { defaultMemoryBytes } from "../memory-size.js";
import type { FinishedJob } from "../node-service.js";
import type { OpenOutcome, SourceCatalog } from "../ports/source-catalog.js";
import { EmbeddedPlanner } from "./embedded-planner.js";
import { type InputFile, inspectInputs } from "./inputs.js";
import { refuseChanged } from "./unchanged-inputs.js";

export interface EmbeddedOptions {
  readonly sql: string;
  /** Paths, globs, directories, `-`; empty when the query's FROM names the files. */
  readonly files: readonly string[];
  /** What `files` mean, looked at before, where several queries are to read the same bytes. */
  readonly inputs?: readonly InputFile[];
  /** Overrides detection. */
  readonly format?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Whether an answer may lack ranges that no process survives reading. */
  readonly allowIncomplete?: boolean;
  /** Defaults to the processors this process may use. */
  readonly threads?: number;
  /** For the groups of all threads together; what is beyond goes to temporary files. */
  readonly memoryBytes?: number;
  /** Called while the answer is computed; the total is undefined for standard input. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | undefined) => void;
}

interface EmbeddedStats {
  readonly threads: number;
  readonly groups: number;
  readonly coverage: number;
  readonly spilledBytes: number;
  /** Of all threads together, without planning and finishing. */
  readonly scanMs: number;
}

/** The query was sound, the input was there, and still there is no answer; the message says why. */
class FailedJobError extends Error {
  readonly code = "job-failed";

  constructor(message: string) {
    super(message);
    this.name = "FailedJobError";
  }
}

export interface EmbeddedAnswer<Table extends AnswerTable = ResultTable> {
  readonly table: Table;
  /** INCOMPLETE when something was left out, which `missing` names; otherwise COMPLETED. */
  readonly status: Pick<JobStatus, "state" | "coverage" | "missing">;
  readonly stats: EmbeddedStats;
  /** Each file that was read, with its format, and why it is taken to have that. */
  readonly files: readonly { readonly path: string; readonly format: string; readonly reason: () => string }[];
  /** Remarks for the person who asked, such as a file of no known format. */
  readonly notes: readonly string[];
}

const SELF: NodeDescription = {
  id: nodeId("embedded"),
  name: "embedded",
  incarnation: 1,
  listen: "",
  grpc: "embedded",
  http: "",
  threads: 1,
  zone: "",
  sources: [],
  protocolVersion: 1,
  semanticsVersion: SEMANTICS_VERSION,
};

/** Rows are made as they are read: a cap would be on what nobody keeps. */
const PROTOCOL = protocolWith({ maxResultBytes: Number.MAX_SAFE_INTEGER });

/** As {@link askEmbedded}, with all rows in memory. */
export const runEmbedded = (options: EmbeddedOptions): Promise<EmbeddedAnswer> =>
  askEmbedded(options, async (answer) => ({ ...answer, table: inMemory(answer.table) }));

/**
 * Runs one query over files of this machine, and gives its answer to `use`, while which its rows are good: they are made
 * as they are read. Throws a `QueryError` for the query, a `FormatError` for an unknown format, an {@link InputError} for a
 * file, also for one that changed while it was read, a `SpillError` where groups do not fit memory and disk, a
 * FailedJobError for what no process survives reading.
 */
export async function askEmbedded<Used>(
  options: EmbeddedOptions,
  use: (answer: EmbeddedAnswer<AnswerTable>) => Promise<Used>,
): Promise<Used> {
  const nowMs = processClock.wallMs();
  const inputs = options.inputs ?? (await inspectInputs(inputPatterns(options)));
  const memoryBytes = options.memoryBytes ?? defaultMemoryBytes();
  const pool = new EmbeddedPool(options.threads ?? availableParallelism(), memoryBytes);
  try {
    pool.expect(inputs.map(scanSourceOf));
    const planner = new EmbeddedPlanner(SELF.id, nowMs, inputs, options.format);
    planner.compile(options);
    return await execute(options, inputs, planner, pool, (run) => {
      refuseChanged(inputs);
      const notes = notesOn(inputs, planner, options.format);
      return use({ ...run, files: readFiles(inputs, planner), notes });
    });
  } finally {
    pool.close();
  }
}

const scanSourceOf = ({ path, size, compression }: InputFile): ScanSource => ({
  realPath: path,
  start: 0,
  end: size ?? 0,
  ...(compression === undefined ? {} : { compression }),
});

function readFiles(inputs: readonly InputFile[], planner: EmbeddedPlanner): EmbeddedAnswer["files"] {
  return inputs.map(({ path }, index) => ({
    path,
    format: planner.formats[index] ?? "plain",
    reason: planner.reasons[index] ?? (() => ""),
  }));
}

/** What the arguments and the query's FROM name. Throws an {@link InputError} for nothing, or for both. */
export function inputPatterns(options: Pick<EmbeddedOptions, "sql" | "files">): readonly string[] {
  const from = sourceOfQuery(options.sql);
  if (from === null) {
    if (options.files.length > 0) return options.files;
    throw new InputError(
      "none",
      "",
      "No input: name files, directories, globs or \"-\" after the query, or in FROM '…'.",
    );
  }
  if (options.files.length === 0) return [from];
  throw new InputError(
    "ambiguous",
    from,
    `The query reads FROM '${from}', but files are given too; use FROM logs, or leave the files out.`,
  );
}

async function execute<Used>(
  options: EmbeddedOptions,
  inputs: readonly InputFile[],
  planner: EmbeddedPlanner,
  pool: EmbeddedPool,
  use: (run: Pick<EmbeddedAnswer<AnswerTable>, "table" | "status" | "stats">) => Promise<Used>,
): Promise<Used> {
  let failure: Error | undefined;
  const totalBytes = inputs.some((input) => input.size === undefined)
    ? undefined
    : inputs.reduce((sum, input) => sum + (input.size ?? 0), 0);
  pool.observe({
    onProgress: (doneBytes) => options.onProgress?.(doneBytes, totalBytes),
    onFailed: (error) => {
      failure = error;
    },
  });
  const driver = new NodeDriver(
    {
      clock: processClock,
      random: processRandom,
      peerNetwork: null,
      exchange: new MemoryExchanges().at(SELF.grpc),
      store: new MemoryStore(),
      mapPool: pool,
      catalog: new GivenFiles(inputs),
      planner,
    },
    { self: SELF, seeds: [], protocol: PROTOCOL, scanSlots: 1, isDurable: false },
  );
  driver.start();
  try {
    const { status, table } = await submitAndWait(driver, options);
    if (failure !== undefined) throw failure;
    if (table === undefined) throw new FailedJobError(status.error ?? "it ended without a result");
    const { threadsUsed: threads, groups, spilledBytes, scanMs } = pool;
    return await use({ table, status, stats: { threads, groups, coverage: status.coverage, spilledBytes, scanMs } });
  } finally {
    driver.stop(() => undefined);
  }
}

/** Client key: nobody else submits to the member of one answer. */
const ONLY_JOB = "embedded";

function submitAndWait(driver: NodeDriver, options: EmbeddedOptions): Promise<FinishedJob> {
  const request: JobRequest = {
    sql: options.sql,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.sinceMs === undefined ? {} : { sinceMs: options.sinceMs }),
    ...(options.untilMs === undefined ? {} : { untilMs: options.untilMs }),
    allowIncomplete: options.allowIncomplete ?? false,
    deadlineMs: DEFAULT_DEADLINE_MS,
    maxResultBytes: PROTOCOL.maxResultBytes,
  };
  return new Promise((resolve, reject) => {
    driver.submit(ONLY_JOB, request, (outcome) => {
      if ("code" in outcome) {
        reject(new Error(outcome.message));
        return;
      }
      driver.result(outcome.jobId, (job) => {
        if (job === undefined) reject(new Error("the job was lost within its own process"));
        else resolve(job);
      });
    });
  });
}

function notesOn(
  inputs: readonly InputFile[],
  planner: EmbeddedPlanner,
  format: string | undefined,
): readonly string[] {
  if (format !== undefined) return [];
  const plain = inputs.filter((input, index) => input.sample.length > 0 && planner.formats[index] === "plain");
  return plain.map(({ path }) => `"${path}" has no known format and is read as plain: each line is _raw.`);
}

/** The files of the command line, as the catalog of the one member. */
class GivenFiles implements SourceCatalog {
  readonly #inputs: ReadonlyMap<string, InputFile>;

  constructor(inputs: readonly InputFile[]) {
    this.#inputs = new Map(inputs.map((input) => [input.path, input]));
  }

  describe(): void {
    assert(false, "an embedded job is planned from its arguments");
  }

  open(file: { readonly path: string }, done: (outcome: OpenOutcome) => void): void {
    const input = this.#inputs.get(file.path);
    assert(input !== undefined, "an embedded job reads what it was planned over");
    const { path, compression } = input;
    done({ realPath: path, ...(compression === undefined ? {} : { compression }) });
  }
}
