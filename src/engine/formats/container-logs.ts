/** Lines that a container runtime wrapped: Docker's json-file, and CRI of Kubernetes. Another format is inside. */

import { jsonTokens } from "../kernels/twins/records.js";
import { convertToken } from "../kernels/twins/values.js";
import { COMMON_FIELDS, type FieldOperation, type FieldSpec, type Format, fieldNamed } from "./format.js";

export type ContainerKind = "docker" | "cri";

const CRI_PREFIX: readonly FieldOperation[] = [
  { kind: "time", layout: "iso", field: "container_time" },
  { kind: "literal", text: " " },
  { kind: "until", delimiter: " ", field: "stream" },
  { kind: "until", delimiter: " ", field: null },
];

const DOCKER_PREFIX: readonly FieldOperation[] = [
  {
    kind: "json",
    fields: [
      { field: "container_line", path: ["log"], conversion: { type: "string" }, isRequired: true },
      { field: "stream", path: ["stream"], conversion: { type: "string" } },
      {
        field: "container_time",
        path: ["time"],
        conversion: { type: "timestamp", layout: "iso" },
        isRequired: true,
      },
    ],
  },
  { kind: "enter", field: "container_line" },
];

const CRI_LINE = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP][^ ]* (.*)$/s;

/** The format of lines of `inner` within a runtime's. Names of the inner format's fields come first. */
export function containerFormat(kind: ContainerKind, inner: Format): Format {
  const taken = new Set(inner.fields.map(({ name }) => name));
  const own: readonly FieldSpec[] = [fieldNamed("container_time"), fieldNamed("stream")];
  const [prefix, title] = kind === "docker" ? [DOCKER_PREFIX, "Docker's json-file"] : [CRI_PREFIX, "CRI"];
  const fields = inner.fields.filter((field) => !COMMON_FIELDS.includes(field));
  return {
    name: `${kind}:${inner.name}`,
    description: `${title} around: ${inner.description}`,
    required: [...prefix, ...inner.required],
    optional: inner.optional,
    derivations: inner.derivations,
    fields: [...fields, ...own.filter(({ name }) => !taken.has(name)), ...COMMON_FIELDS],
  };
}

/** The lines within a runtime's lines; those that are none are left out. */
export function unwrapLines(kind: ContainerKind, lines: readonly Uint8Array[]): readonly Uint8Array[] {
  return lines.flatMap((line) => {
    const text = Buffer.from(line).toString("latin1");
    const inner = kind === "cri" ? CRI_LINE.exec(text)?.[1] : dockerLine(text);
    return inner === undefined ? [] : [Uint8Array.from(Buffer.from(inner.replace(/\r?\n$/, ""), "latin1"))];
  });
}

function dockerLine(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  const tokens = jsonTokens(text);
  if (tokens?.get('["stream"]') === undefined || tokens.get('["time"]') === undefined) return undefined;
  const { value } = convertToken(tokens.get('["log"]'), { type: "string" }, false);
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : undefined;
}
