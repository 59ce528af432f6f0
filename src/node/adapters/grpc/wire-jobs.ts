/** Jobs on the wire and back: requests, states, statuses, tables. Used by the service and by clients alike. */

import type { JobId, NodeId } from "../../../base/ids.js";
import {
  ColumnType,
  type ResultValue,
  type ScanCounters as WireCounters,
  JobPriority as WirePriority,
  type NodeProgress as WireProgress,
  type JobRequest as WireRequest,
  JobState as WireState,
  type JobStatus as WireStatus,
} from "../../../generated/logmr/v1/jobs.js";
import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_MAX_RESULT_BYTES,
  type JobPriority,
  type JobRequest,
} from "../../../job/request.js";
import { NO_COUNTERS, type ResultColumn, type ScanCounters, type Value } from "../../../job/result.js";
import type { JobState, JobStatus, NodeProgress } from "../../../job/status.js";

export function requestToWire(request: JobRequest): WireRequest {
  return {
    sql: request.sql,
    format: request.format,
    sinceMs: request.sinceMs === undefined ? undefined : BigInt(request.sinceMs),
    untilMs: request.untilMs === undefined ? undefined : BigInt(request.untilMs),
    allowIncomplete: request.allowIncomplete,
    deadlineMs: BigInt(request.deadlineMs),
    maxResultBytes: BigInt(request.maxResultBytes),
    durability: request.durability,
    expectHolders: request.expectHolders,
    priority: PRIORITIES[request.priority ?? "normal"],
  };
}

const PRIORITIES = {
  low: WirePriority.LOW,
  normal: WirePriority.NORMAL,
  high: WirePriority.HIGH,
} as const satisfies Record<JobPriority, WirePriority>;

/** Undefined for the normal one, so that leaving it out is the same request as naming it. Throws a RangeError. */
function priorityFromWire(wire: WirePriority): JobPriority | undefined {
  if (wire === WirePriority.UNSPECIFIED || wire === WirePriority.NORMAL) return undefined;
  const names = Object.keys(PRIORITIES) as JobPriority[];
  const name = names.find((candidate) => PRIORITIES[candidate] === wire);
  if (name === undefined) throw new RangeError(`priority is ${wire}; give LOW, NORMAL or HIGH, or leave it out`);
  return name;
}

/** Fills in the defaults. Throws a RangeError that names the field for a number that is not safe or not positive, or an unknown priority. */
export function requestFromWire(wire: WireRequest): JobRequest {
  const priority = priorityFromWire(wire.priority);
  return {
    sql: wire.sql,
    ...(wire.format === undefined ? {} : { format: wire.format }),
    ...(wire.sinceMs === undefined ? {} : { sinceMs: safeNumber("since_ms", wire.sinceMs) }),
    ...(wire.untilMs === undefined ? {} : { untilMs: safeNumber("until_ms", wire.untilMs) }),
    allowIncomplete: wire.allowIncomplete,
    deadlineMs: wire.deadlineMs === undefined ? DEFAULT_DEADLINE_MS : positive("deadline_ms", wire.deadlineMs),
    maxResultBytes:
      wire.maxResultBytes === undefined ? DEFAULT_MAX_RESULT_BYTES : positive("max_result_bytes", wire.maxResultBytes),
    ...(wire.durability === undefined ? {} : { durability: positive("durability", BigInt(wire.durability)) }),
    ...(wire.expectHolders === undefined
      ? {}
      : { expectHolders: positive("expect_holders", BigInt(wire.expectHolders)) }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function safeNumber(field: string, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${field} is ${value}, beyond 2^53`);
  return number;
}

function positive(field: string, value: bigint): number {
  const number = safeNumber(field, value);
  if (number <= 0) throw new RangeError(`${field} is ${value}; give a positive number, or leave it out`);
  return number;
}

const STATES = {
  RUNNING: WireState.RUNNING,
  FAILED: WireState.FAILED,
  CANCELLED: WireState.CANCELLED,
  INCOMPLETE: WireState.INCOMPLETE,
  COMPLETED: WireState.COMPLETED,
} as const satisfies Record<JobState, WireState>;

function stateFromWire(wire: WireState): JobState {
  const names = Object.keys(STATES) as JobState[];
  return names.find((name) => STATES[name] === wire) ?? "RUNNING";
}

export function statusToWire(status: JobStatus): WireStatus {
  return {
    id: status.id,
    state: STATES[status.state],
    sql: status.sql,
    coverage: status.coverage,
    bytesDone: BigInt(Math.round(status.bytesDone)),
    bytesTotal: BigInt(status.bytesTotal),
    chunksDone: BigInt(status.chunksDone),
    chunksTotal: BigInt(status.chunksTotal),
    nodes: [...status.nodes],
    copies: status.copies,
    missing: [...status.missing],
    unparsed: BigInt(status.unparsed),
    manifestDigest: status.manifestDigest,
    root: status.root ?? "",
    error: status.error ?? "",
    holders: status.holders,
    holdersTotal: status.holdersTotal,
    nodeProgress: status.nodeProgress.map(progressToWire),
  };
}

const progressToWire = ({ node, bytesDone, bytesTotal }: NodeProgress): WireProgress => ({
  node,
  bytesDone: BigInt(Math.round(bytesDone)),
  bytesTotal: BigInt(bytesTotal),
});

export function statusFromWire(wire: WireStatus): JobStatus {
  return {
    id: wire.id as JobId,
    state: stateFromWire(wire.state),
    sql: wire.sql,
    coverage: wire.coverage,
    bytesDone: Number(wire.bytesDone),
    bytesTotal: Number(wire.bytesTotal),
    chunksDone: Number(wire.chunksDone),
    chunksTotal: Number(wire.chunksTotal),
    nodes: wire.nodes,
    copies: wire.copies,
    missing: wire.missing,
    unparsed: Number(wire.unparsed),
    manifestDigest: wire.manifestDigest,
    root: wire.root === "" ? null : (wire.root as NodeId),
    error: wire.error === "" ? null : wire.error,
    holders: wire.holders,
    holdersTotal: wire.holdersTotal,
    nodeProgress: wire.nodeProgress.map(({ node, bytesDone, bytesTotal }) => ({
      node,
      bytesDone: Number(bytesDone),
      bytesTotal: Number(bytesTotal),
    })),
  };
}

const COLUMN_TYPES = {
  i64: ColumnType.INT64,
  f64: ColumnType.DOUBLE,
  bool: ColumnType.BOOL,
  string: ColumnType.STRING,
  timestamp: ColumnType.TIMESTAMP,
} as const satisfies Record<ResultColumn["type"], ColumnType>;

export const columnTypeToWire = (type: ResultColumn["type"]): ColumnType => COLUMN_TYPES[type];

/** Types of a later version are shown as text. */
export function columnTypeFromWire(wire: ColumnType): ResultColumn["type"] {
  const names = Object.keys(COLUMN_TYPES) as ResultColumn["type"][];
  return names.find((name) => COLUMN_TYPES[name] === wire) ?? "string";
}

export function valueToWire(value: Value, type: ResultColumn["type"]): ResultValue {
  if (value === null) return { kind: undefined };
  switch (typeof value) {
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) return { kind: { $case: "bigInteger", value: value.toString() } };
      return { kind: { $case: type === "timestamp" ? "timestampMicros" : "int64Value", value } };
    case "number":
      return { kind: { $case: "doubleValue", value } };
    case "boolean":
      return { kind: { $case: "boolValue", value } };
    case "string":
      return { kind: { $case: "stringValue", value } };
  }
}

export function valueFromWire({ kind }: ResultValue): Value {
  if (kind === undefined) return null;
  return kind.$case === "bigInteger" ? BigInt(kind.value) : kind.value;
}

export function countersToWire(counters: ScanCounters): WireCounters {
  return {
    lines: BigInt(counters.lines),
    bytes: BigInt(counters.bytes),
    unparsed: BigInt(counters.unparsed),
    malformedFields: BigInt(counters.malformedFields),
  };
}

export function countersFromWire(wire: WireCounters | undefined): ScanCounters {
  if (wire === undefined) return NO_COUNTERS;
  return {
    lines: Number(wire.lines),
    bytes: Number(wire.bytes),
    unparsed: Number(wire.unparsed),
    malformedFields: Number(wire.malformedFields),
  };
}
