/**
 * Operations of a field program that one kernel takes at once, since a pass over all lines costs about as much as what most
 * operations do. Fusing changes nothing of what is taken, kept and counted.
 */

import type { FieldOperation } from "../formats/format.js";

type Operation<Kind extends FieldOperation["kind"]> = Extract<FieldOperation, { kind: Kind }>;

/** Up to 4 fields that end at the same character, the last one perhaps at two. */
export interface FusedUntils {
  readonly kind: "untils";
  readonly fields: readonly (string | null)[];
  readonly first: string;
  /** Behind the `first` of the last field; may be empty. */
  readonly second: string;
}

/** An operation, and a text of up to 8 characters that stands behind what it takes. */
export interface Suffixed {
  readonly kind: "suffixed";
  readonly operation: Operation<"quoted" | "clf-time">;
  readonly suffix: string;
}

/** The required part of an access log's line: three fields that end at spaces, `[time] "request" status bytes`. */
export interface AccessLine {
  readonly kind: "access-line";
  readonly fields: readonly (string | null)[];
  readonly time: string;
  readonly request: string | null;
  readonly status: string;
  readonly bytes: string;
}

export type FusedOperation =
  | Exclude<FieldOperation, { kind: "quoted" | "clf-time" }>
  | FusedUntils
  | Suffixed
  | AccessLine;

/** What the kernel for several fields takes at most. */
export const MAX_UNTILS = 4;

export function fuseOperations(operations: readonly FieldOperation[], areOptional: boolean): readonly FusedOperation[] {
  const fused: FusedOperation[] = [];
  for (const operation of operations) {
    const last = fused.at(-1);
    const longer = areOptional ? undefined : longerUntils(last, operation);
    if (longer !== undefined) {
      fused[fused.length - 1] = longer;
    } else if (last?.kind === "suffixed" && last.suffix === "" && operation.kind === "literal") {
      fused[fused.length - 1] = { ...last, suffix: operation.text };
    } else {
      fused.push(startOf(operation, areOptional));
    }
  }
  return areOptional ? fused : fuseAccessLine(fused);
}

const ACCESS_FIELDS = 3;
const ACCESS_OPERATIONS = 5;

function fuseAccessLine(operations: readonly FusedOperation[]): readonly FusedOperation[] {
  for (const place of operations.keys()) {
    const lines = accessLineOf(operations.slice(place, place + ACCESS_OPERATIONS));
    if (lines !== undefined) return operations.toSpliced(place, ACCESS_OPERATIONS, ...lines);
  }
  return operations;
}

/** The line, behind the fields that stand before its own. */
function accessLineOf([fields, time, request, status, bytes]: readonly FusedOperation[]):
  | readonly FusedOperation[]
  | undefined {
  if (fields?.kind !== "untils" || fields.first !== " " || fields.second !== "[") return undefined;
  if (fields.fields.length < ACCESS_FIELDS) return undefined;
  if (time?.kind !== "suffixed" || time.operation.kind !== "clf-time" || time.suffix !== "] ") return undefined;
  if (request?.kind !== "suffixed" || request.operation.kind !== "quoted" || request.suffix !== " ") return undefined;
  if (status?.kind !== "integer" || status.delimiter !== " " || status.mayEnd) return undefined;
  if (bytes?.kind !== "integer" || bytes.delimiter !== " " || !bytes.mayEnd) return undefined;
  const before = fields.fields.slice(0, -ACCESS_FIELDS);
  const line: AccessLine = {
    kind: "access-line",
    fields: fields.fields.slice(-ACCESS_FIELDS),
    time: time.operation.field,
    request: request.operation.field,
    status: status.field,
    bytes: bytes.field,
  };
  return before.length === 0 ? [line] : [{ ...fields, fields: before, second: "" }, line];
}

function startOf(operation: FieldOperation, isOptional: boolean): FusedOperation {
  if (operation.kind === "quoted" || operation.kind === "clf-time") return { kind: "suffixed", operation, suffix: "" };
  if (operation.kind !== "until" || isOptional || !isShort(operation)) return operation;
  const [first = "", second = ""] = operation.delimiter;
  return { kind: "untils", fields: [operation.field], first, second };
}

function longerUntils(last: FusedOperation | undefined, operation: FieldOperation): FusedUntils | undefined {
  if (last?.kind !== "untils" || last.second !== "" || last.fields.length === MAX_UNTILS) return undefined;
  if (operation.kind !== "until" || !isShort(operation) || operation.delimiter[0] !== last.first) return undefined;
  return { ...last, fields: [...last.fields, operation.field], second: operation.delimiter[1] ?? "" };
}

const isShort = ({ delimiter, mayEnd }: Operation<"until">): boolean => mayEnd !== true && delimiter.length <= 2;
