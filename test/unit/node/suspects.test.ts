import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AttemptNotes, NoteWriter } from "../../../src/node/adapters/isolation/attempt-notes.js";
import { type BookFile, SuspectBook } from "../../../src/node/adapters/isolation/suspect-book.js";

const PIECE = { id: "0f", file: "web:a.log", start: 0, end: 10 };
const OTHER = { ...PIECE, id: "1f", start: 10, end: 20 };

let directory = "";
let warnings: unknown[] = [];
let file: BookFile;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-suspects-"));
  warnings = [];
  const log = { warn: (fields: unknown) => warnings.push(fields) };
  file = { path: join(directory, "quarantine.json"), version: "1", log };
});
afterEach(() => rmSync(directory, { recursive: true }));

const dieAlone = (book: SuspectBook, times: number): void => {
  for (let time = 0; time < times; time += 1) book.diedAlone(PIECE, "it died of SIGSEGV");
};

describe("The book of suspects", () => {
  test("convicts after three deaths alone, not of any others", () => {
    const book = new SuspectBook(file);
    expect(book.verdictOf(PIECE.id)).toBe("sound");
    for (let time = 0; time < 9; time += 1) book.suspect(PIECE);
    expect(book.verdictOf(PIECE.id)).toBe("suspect");
    dieAlone(book, 2);
    expect(book.verdictOf(PIECE.id)).toBe("suspect");
    dieAlone(book, 1);
    expect([book.verdictOf(PIECE.id), book.verdictOf(OTHER.id)]).toEqual(["quarantined", "sound"]);
    expect(warnings.at(-1)).toMatchObject({ file: "web:a.log", start: 0, end: 10, verdict: "quarantined" });
  });

  test("lasts from one process to the next, deaths and all", () => {
    dieAlone(new SuspectBook(file), 2);
    const book = new SuspectBook(file);
    expect(book.verdictOf(PIECE.id)).toBe("suspect");
    dieAlone(book, 1);
    expect(new SuspectBook(file).verdictOf(PIECE.id)).toBe("quarantined");
  });

  test("forgets what was done after all", () => {
    const book = new SuspectBook(file);
    dieAlone(book, 2);
    book.survived(PIECE);
    expect([book.isEmpty, new SuspectBook(file).isEmpty]).toEqual([true, true]);
  });

  test("is cleared by deleting its file, also while the node runs", () => {
    const book = new SuspectBook(file);
    dieAlone(book, 3);
    rmSync(file.path);
    expect(book.verdictOf(PIECE.id)).toBe("sound");
  });

  test("of another version of the program does not count: that one may do better", () => {
    dieAlone(new SuspectBook(file), 3);
    expect(new SuspectBook({ ...file, version: "2" }).verdictOf(PIECE.id)).toBe("sound");
  });

  test.each(["", "{", "null", "7", '{"id":"0f"}', "[1, null, {}]", '[{"id":7,"version":"1"}]'])(
    "is empty when the file says %j",
    (text) => {
      writeFileSync(file.path, text);
      expect(new SuspectBook(file).isEmpty).toBe(true);
    },
  );

  test("keeps a bounded number of pieces, the latest", () => {
    const book = new SuspectBook();
    for (let index = 0; index < 1_001; index += 1) book.suspect({ ...PIECE, id: `${index}` });
    expect([book.verdictOf("0"), book.verdictOf("1"), book.verdictOf("1000")]).toEqual(["sound", "suspect", "suspect"]);
  });
});

describe("The notes of what threads are at", () => {
  const path = (): string => join(directory, "attempts");

  test("name to the next process what each thread was at, and nothing that was done", () => {
    const notes = new AttemptNotes(path(), 3);
    const writers = [0, 1, 2].map((slot) => new NoteWriter(notes.slot(slot)));
    for (const writer of writers) writer.begin(OTHER);
    writers[0]?.begin(PIECE);
    writers[1]?.end();
    expect(new AttemptNotes(path(), 1).suspects).toEqual([PIECE, OTHER]);
    expect(new AttemptNotes(path(), 1).suspects).toEqual([]);
  });

  test("do not grow with what is written, and cut long names", () => {
    const notes = new AttemptNotes(path(), 1);
    const before = readFileSync(path()).length;
    new NoteWriter(notes.slot(0)).begin({ ...PIECE, file: "long".repeat(1_000) });
    expect(readFileSync(path())).toHaveLength(before);
    const [suspect] = new AttemptNotes(path(), 1).suspects;
    expect(suspect).toMatchObject({ id: PIECE.id, file: expect.stringMatching(/^(long)+$/) });
  });

  test("that were torn tell nothing", () => {
    writeFileSync(path(), '{"id":"0f","fil');
    expect(new AttemptNotes(path(), 1).suspects).toEqual([]);
  });
});
