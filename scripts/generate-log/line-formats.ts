/** The notations in which a web server writes a request: NCSA combined and common, and one JSON object a line. */

import type { Method } from "./answers.js";
import { ApplicationWriter } from "./application-writer.js";
import type { ByteCanvas, Piece } from "./byte-canvas.js";
import { DAY_MS, type LineWriter, type LogEvent, writeTimeOfDay } from "./line-writer.js";
import { FOREIGN_REQUESTS } from "./vocabulary.js";

export const LOG_FORMATS = ["combined", "common", "json", "application"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const QUOTE = 0x22;
const SPACE = 0x20;
const DASH = 0x2d;

const METHODS: readonly Method[] = ["GET", "POST", "HEAD", "PUT", "DELETE"];

function methodPieces(canvas: ByteCanvas): ReadonlyMap<Method, Piece> {
  return new Map(METHODS.map((method) => [method, canvas.piece(method)]));
}

class NcsaWriter implements LineWriter {
  readonly #canvas: ByteCanvas;
  readonly #combined: boolean;
  readonly #methods: ReadonlyMap<Method, Piece>;
  readonly #foreign: readonly Piece[];
  readonly #protocols: readonly Piece[];
  #day = Number.NaN;
  #date = "";
  headEnd = 0;
  requiredEnd = 0;

  constructor(canvas: ByteCanvas, combined: boolean) {
    this.#canvas = canvas;
    this.#combined = combined;
    this.#methods = methodPieces(canvas);
    this.#foreign = canvas.pieces(FOREIGN_REQUESTS.map((request) => request.plain));
    this.#protocols = canvas.pieces([' HTTP/1.1" ', ' HTTP/2.0" ']);
  }

  write(event: LogEvent): void {
    const canvas = this.#canvas;
    const { session, answer } = event;
    canvas.copy(session.address);
    canvas.text(" - ");
    canvas.copy(session.user);
    this.#time(event.timeMs);
    this.#request(event);
    this.requiredEnd = canvas.position;
    canvas.padded(answer.status, 3);
    canvas.byte(SPACE);
    if (answer.bytes < 0) canvas.byte(DASH);
    else canvas.decimal(answer.bytes);
    if (this.#combined) {
      canvas.text(' "');
      canvas.copy(session.referrer);
      canvas.text('" "');
      canvas.copy(session.agent);
      canvas.byte(QUOTE);
    }
  }

  #time(timeMs: number): void {
    const canvas = this.#canvas;
    const day = Math.floor(timeMs / DAY_MS);
    if (day !== this.#day) {
      const date = new Date(timeMs);
      this.#day = day;
      this.#date = `${String(date.getUTCDate()).padStart(2, "0")}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:`;
    }
    canvas.text(" [");
    canvas.text(this.#date);
    this.headEnd = canvas.position;
    writeTimeOfDay(canvas, timeMs - day * DAY_MS);
    canvas.text(' +0000] "');
  }

  #request({ session, answer, foreign }: LogEvent): void {
    const canvas = this.#canvas;
    const strange = foreign === null ? undefined : this.#foreign[foreign];
    if (strange !== undefined) {
      canvas.copy(strange);
      canvas.text('" ');
      return;
    }
    copyKnown(canvas, this.#methods.get(answer.method));
    canvas.byte(SPACE);
    canvas.copy(session.target);
    copyKnown(canvas, this.#protocols[session.request === "api" ? 0 : 1]);
  }
}

class JsonWriter implements LineWriter {
  readonly #canvas: ByteCanvas;
  readonly #methods: ReadonlyMap<Method, Piece>;
  readonly #foreign: readonly Piece[];
  readonly #keys: Readonly<Record<"address" | "user" | "method" | "url" | "status" | "bytes", Piece>>;
  readonly #tailKeys: Readonly<Record<"duration" | "referrer" | "agent", Piece>>;
  #day = Number.NaN;
  #date = "";
  headEnd = 0;
  requiredEnd = 0;

  constructor(canvas: ByteCanvas) {
    this.#canvas = canvas;
    this.#methods = methodPieces(canvas);
    this.#foreign = canvas.pieces(FOREIGN_REQUESTS.map((request) => request.json));
    this.#keys = {
      address: canvas.piece('Z","remote_addr":"'),
      user: canvas.piece('","remote_user":"'),
      method: canvas.piece('","method":"'),
      url: canvas.piece('","url":"'),
      status: canvas.piece('","status":'),
      bytes: canvas.piece(',"bytes":'),
    };
    this.#tailKeys = {
      duration: canvas.piece(',"request_time":'),
      referrer: canvas.piece(',"referer":"'),
      agent: canvas.piece('","user_agent":"'),
    };
  }

  write(event: LogEvent): void {
    const canvas = this.#canvas;
    const { session, answer } = event;
    this.#time(event.timeMs);
    canvas.copy(this.#keys.address);
    canvas.copy(session.address);
    canvas.copy(this.#keys.user);
    canvas.copy(session.user);
    this.#request(event);
    canvas.copy(this.#keys.status);
    canvas.padded(answer.status, 3);
    canvas.copy(this.#keys.bytes);
    canvas.decimal(Math.max(0, answer.bytes));
    this.#tail(event);
    this.requiredEnd = canvas.position - 1;
  }

  #tail({ session, answer }: LogEvent): void {
    const canvas = this.#canvas;
    canvas.copy(this.#tailKeys.duration);
    canvas.decimal(Math.floor(answer.durationMs / 1000));
    canvas.byte(0x2e);
    canvas.padded(answer.durationMs % 1000, 3);
    canvas.copy(this.#tailKeys.referrer);
    canvas.copy(session.referrer);
    canvas.copy(this.#tailKeys.agent);
    canvas.copy(session.agent);
    canvas.text('"}');
  }

  #request({ session, answer, foreign }: LogEvent): void {
    const canvas = this.#canvas;
    const strange = foreign === null ? undefined : this.#foreign[foreign];
    canvas.copy(this.#keys.method);
    if (strange === undefined) copyKnown(canvas, this.#methods.get(answer.method));
    canvas.copy(this.#keys.url);
    canvas.copy(strange ?? session.target);
  }

  #time(timeMs: number): void {
    const canvas = this.#canvas;
    const day = Math.floor(timeMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = `{"time":"${new Date(timeMs).toISOString().slice(0, 11)}`;
    }
    const dayMs = timeMs - day * DAY_MS;
    canvas.text(this.#date);
    this.headEnd = canvas.position;
    writeTimeOfDay(canvas, dayMs);
    canvas.byte(0x2e);
    canvas.padded(Math.floor(dayMs % 1000), 3);
  }
}

function copyKnown(canvas: ByteCanvas, piece: Piece | undefined): void {
  if (piece !== undefined) canvas.copy(piece);
}

export function createLineWriter(canvas: ByteCanvas, format: LogFormat): LineWriter {
  switch (format) {
    case "json":
      return new JsonWriter(canvas);
    case "application":
      return new ApplicationWriter(canvas);
    default:
      return new NcsaWriter(canvas, format === "combined");
  }
}
