/** What an application logs of its requests: one JSON object a line, with a level and a fractional latency. */

import type { ByteCanvas, Piece } from "./byte-canvas.js";
import { DAY_MS, type LineWriter, type LogEvent, writeTimeOfDay } from "./line-writer.js";
import { mix32 } from "./random.js";
import type { RequestKind } from "./session.js";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

const SERVICES: Readonly<Record<RequestKind, string>> = {
  page: "storefront",
  asset: "static-files",
  api: "public-api",
  probe: "storefront",
};
const MESSAGES: Readonly<Record<Level, string>> = {
  debug: "served from the cache",
  info: "request handled",
  warn: 'request refused: \\"not acceptable\\"',
  error: "upstream did not answer in time",
};
const QUESTION_MARK = 0x3f;

export class ApplicationWriter implements LineWriter {
  readonly #canvas: ByteCanvas;
  readonly #heads: Readonly<Record<Level, Readonly<Record<RequestKind, Piece>>>>;
  readonly #tails: Readonly<Record<Level, Piece>>;
  #day = Number.NaN;
  #date = "";
  headEnd = 0;
  requiredEnd = 0;

  constructor(canvas: ByteCanvas) {
    this.#canvas = canvas;
    const head = (level: Level, kind: RequestKind): Piece =>
      canvas.piece(`Z","level":"${level}","service":"${SERVICES[kind]}","trace_id":"`);
    const headsOf = (level: Level): Readonly<Record<RequestKind, Piece>> => ({
      page: head(level, "page"),
      asset: head(level, "asset"),
      api: head(level, "api"),
      probe: head(level, "probe"),
    });
    const tail = (level: Level): Piece => canvas.piece(`,"message":"${MESSAGES[level]}"}`);
    this.#heads = { debug: headsOf("debug"), info: headsOf("info"), warn: headsOf("warn"), error: headsOf("error") };
    this.#tails = { debug: tail("debug"), info: tail("info"), warn: tail("warn"), error: tail("error") };
  }

  write(event: LogEvent): void {
    const canvas = this.#canvas;
    const { session, answer, timeMs } = event;
    const level = levelOf(answer.status, session.request);
    const microseconds = Math.floor((timeMs % 1) * 1000);
    this.#time(timeMs);
    canvas.copy(this.#heads[level][session.request]);
    this.#traceId(Math.floor(timeMs) + microseconds);
    canvas.text('","client":"');
    canvas.copy(session.address);
    canvas.text('","method":"');
    canvas.text(answer.method);
    canvas.text('","path":"');
    this.#path(session.target);
    canvas.text('","status":');
    canvas.padded(answer.status, 3);
    canvas.text(',"bytes":');
    canvas.decimal(Math.max(0, answer.bytes));
    canvas.text(',"latency_ms":');
    canvas.decimal(answer.durationMs);
    canvas.byte(0x2e);
    canvas.padded(microseconds, 3);
    canvas.copy(this.#tails[level]);
    this.requiredEnd = canvas.position - 1;
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

  #traceId(bits: number): void {
    this.#canvas.text(mix32(bits).toString(16).padStart(8, "0"));
    this.#canvas.text(
      mix32(bits ^ 0x5bd1e995)
        .toString(16)
        .padStart(8, "0"),
    );
  }

  #path({ offset, length }: Piece): void {
    const { bytes } = this.#canvas;
    let end = offset;
    while (end < offset + length && bytes[end] !== QUESTION_MARK) end += 1;
    this.#canvas.copyRange(offset, end - offset);
  }
}

function levelOf(status: number, request: RequestKind): Level {
  if (status >= 500) return "error";
  if (status >= 400) return "warn";
  return request === "asset" ? "debug" : "info";
}
