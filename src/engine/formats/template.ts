/**
 * Formats from the templates by which servers are told to log: nginx `log_format` (`$remote_addr - $remote_user …`) and
 * Apache `LogFormat` (`%h %l %u %t …`). A template becomes the field program that reads what it wrote.
 */

import { parseApacheTemplate } from "./apache-template.js";
import { type Derivation, type FieldOperation, type Format, fieldNamed, fieldsNamed } from "./format.js";
import { parseNginxTemplate } from "./nginx-template.js";
import { type TemplateParts, templateError } from "./template-parts.js";

/** Of a literal, and of what ends a token. */
const MAX_BYTES = 8;

/** Throws a {@link FormatError} that quotes the template and points at the place. */
export function templateFormat(template: string): Format {
  const parts = template.includes("$") ? parseNginxTemplate(template) : parseApacheTemplate(template);
  return new ProgramBuilder(template, parts).build();
}

class ProgramBuilder {
  readonly #template: string;
  /** What is left of the texts; a token takes what ends it from the text behind. */
  readonly #texts: string[];
  readonly #variables: TemplateParts["variables"];
  readonly #operations: FieldOperation[] = [];
  readonly #derivations: Derivation[] = [];
  readonly #names: string[] = [];

  constructor(template: string, { texts, variables }: TemplateParts) {
    this.#template = template;
    this.#texts = [...texts];
    this.#variables = variables;
  }

  build(): Format {
    const lastRequired = this.#lastRequired();
    let requiredCount = 0;
    this.#variables.forEach((_, index) => {
      this.#addVariable(index, lastRequired);
      if (index <= lastRequired) requiredCount = this.#operations.length;
    });
    this.#addLiteral(this.#texts.at(-1) ?? "");
    this.#addRequestParts();
    return {
      name: this.#template,
      description: "a template",
      required: this.#operations.slice(0, requiredCount),
      optional: this.#operations.slice(requiredCount),
      derivations: this.#derivations,
      fields: fieldsNamed(...this.#names),
    };
  }

  /** The variable through which a line must parse: bytes and status, or all if there is neither. */
  #lastRequired(): number {
    const indexOf = (name: string): number => this.#variables.findIndex(({ field }) => field === name);
    const found = Math.max(indexOf("bytes"), indexOf("status"));
    return found < 0 ? this.#variables.length - 1 : found;
  }

  #addVariable(index: number, lastRequired: number): void {
    const variable = this.#variables[index];
    if (variable === undefined) return;
    const before = this.#texts[index] ?? "";
    const behind = this.#texts[index + 1] ?? "";
    const isLast = index === this.#variables.length - 1;
    if (behind === "" && !isLast && variable.time === undefined) {
      const at = this.#variables[index + 1]?.at ?? 0;
      throw templateError(
        this.#template,
        at,
        "nothing parts this from what is before it, so that lines cannot be cut here",
      );
    }
    const token = this.#tokenOf(index, index <= lastRequired);
    if (variable.time !== undefined) {
      this.#addLiteral(before);
      this.#operations.push({ kind: "time", layout: variable.time, field: token ?? "another time" });
    } else if (before.endsWith('"') && behind.startsWith('"')) {
      this.#addLiteral(before.slice(0, -1));
      this.#operations.push({ kind: "quoted", field: token });
      this.#texts[index + 1] = behind.slice(1);
    } else if (behind === "") {
      this.#addLiteral(before);
      this.#operations.push({ kind: "until", delimiter: " ", mayEnd: true, field: token });
    } else {
      this.#addLiteral(before);
      const delimiter = this.#delimiterOf(index).slice(0, MAX_BYTES);
      this.#operations.push({ kind: "until", delimiter, mayEnd: isLast || index === lastRequired, field: token });
      this.#texts[index + 1] = behind.slice(delimiter.length);
    }
  }

  /** The text behind a variable; without the quote that opens a quoted variable behind it. */
  #delimiterOf(index: number): string {
    const behind = this.#texts[index + 1] ?? "";
    const isQuoteNext = behind.endsWith('"') && (this.#texts[index + 2]?.startsWith('"') ?? false);
    const isTimeNext = this.#variables[index + 1]?.time !== undefined;
    return behind.length > 1 && isQuoteNext && !isTimeNext ? behind.slice(0, -1) : behind;
  }

  /** What the token of a variable fills: its field, or a part that is converted to it. Null if the field is filled already. */
  #tokenOf(index: number, isInPrefix: boolean): string | null {
    const { field = null, conversion } = this.#variables[index] ?? {};
    if (field === null || this.#names.includes(field)) return null;
    this.#names.push(field);
    if (conversion === undefined) return field;
    const from = `${field} as text`;
    const isRequired = isInPrefix && fieldNamed(field).type === "i64";
    this.#derivations.push({ kind: "convert", from, field, conversion, isRequired });
    return from;
  }

  #addLiteral(text: string): void {
    for (let at = 0; at < text.length; at += MAX_BYTES) {
      this.#operations.push({ kind: "literal", text: text.slice(at, at + MAX_BYTES) });
    }
  }

  /** What is within the request or the URL, and is not logged apart. */
  #addRequestParts(): void {
    const partOf = (name: string): string => {
      if (this.#names.includes(name)) return `${name} within`;
      this.#names.push(name);
      return name;
    };
    const request = this.#names.indexOf("request");
    if (request >= 0) {
      this.#names.splice(request, 1);
      const [method, url, protocol] = [partOf("method"), partOf("url"), partOf("protocol")];
      this.#derivations.push({ kind: "request", from: "request", method, url, protocol });
    }
    if (this.#names.includes("url")) {
      this.#derivations.push({ kind: "url", from: "url", path: partOf("path"), query: partOf("query") });
    }
  }
}
