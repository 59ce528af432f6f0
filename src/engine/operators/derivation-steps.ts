/** Fields that are made of others, as calls of their kernels. */

import { unreachable } from "../../base/assert.js";
import type { Derivation } from "../formats/format.js";
import { FACILITIES, SEVERITIES } from "../formats/syslog-names.js";
import { conversionStep } from "./conversion-step.js";
import { asciiCodes, type FieldContext } from "./field-context.js";
import type { Step } from "./step.js";

/** A conversion without which a line is no row. */
export function requireStep(context: FieldContext, derivation: Extract<Derivation, { kind: "convert" }>): Step {
  const { batch } = context;
  const tokens = context.columnOf(derivation.from);
  const out = context.newColumn(derivation.field, derivation.conversion.type);
  const convert = conversionStep(context, { tokens, kinds: 0, isCsv: false }, derivation.conversion, out);
  return (rows, failures) => {
    convert(rows, 0);
    failures.unparsed += batch.kernels.call.requireConversions(batch.lines, rows, tokens.vector, out.vector);
  };
}

export function derivationStep(context: FieldContext, derivation: Derivation): Step {
  const { batch } = context;
  const { call } = batch.kernels;
  const from = context.columnOf(derivation.from);
  switch (derivation.kind) {
    case "request": {
      const method = context.outOf(derivation.method, "string");
      const url = context.outOf(derivation.url, "string");
      const protocol = context.outOf(derivation.protocol, "string");
      return (rows, failures) => {
        failures.malformedFields += call.splitRequests(from.vector, batch.live, method, url, protocol, rows);
      };
    }
    case "url": {
      const path = context.outOf(derivation.path, "string");
      const query = context.outOf(derivation.query, "string");
      return (rows) => call.splitUrls(from.vector, path, query, rows);
    }
    case "split-last": {
      const before = context.newColumn(derivation.before, "string").vector;
      const behind = context.newColumn(derivation.behind, "string").vector;
      const [delimiter = 0] = asciiCodes(derivation.delimiter);
      const wholeIsBehind = derivation.whole === "behind" ? 1 : 0;
      return (rows) => call.splitLast(from.vector, delimiter, wholeIsBehind, before, behind, rows);
    }
    case "join-url": {
      const query = context.columnOf(derivation.query);
      const url = context.outOf(derivation.url, "string");
      const room = context.newRoom();
      return (rows) => {
        const strings = call.stringBytes(from.vector, rows) + call.stringBytes(query.vector, rows);
        call.joinUrls(from.vector, query.vector, room(Number(strings) + rows), url, rows);
      };
    }
    case "priority": {
      const severity = context.newColumn(derivation.severity, "string").vector;
      const facility = context.newColumn(derivation.facility, "string").vector;
      const [severities, facilities] = [SEVERITIES, FACILITIES].map((names) =>
        batch.storeSpans(names.map((name) => new TextEncoder().encode(name))),
      );
      return (rows) => call.splitPriority(from.vector, severities ?? 0, facilities ?? 0, severity, facility, rows);
    }
    case "first": {
      const out = context.newColumn(derivation.field, "string").vector;
      return (rows) => call.firstOfArrays(from.vector, out, rows);
    }
    case "convert": {
      const out = context.newColumn(derivation.field, derivation.conversion.type);
      const convert = conversionStep(context, { tokens: from, kinds: 0, isCsv: false }, derivation.conversion, out);
      return (rows, failures) => {
        failures.malformedFields += convert(rows, batch.live);
      };
    }
    default:
      return unreachable(derivation);
  }
}
