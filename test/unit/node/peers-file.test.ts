import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keptName } from "../../../src/node/adapters/files/node-name.js";
import { readPeersFile, watchPeersFile } from "../../../src/node/adapters/files/peers-file.js";
import { ConfigError } from "../../../src/node/config.js";

let directory = "";
const path = (): string => join(directory, "peers");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-peers-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("a file of peers", () => {
  test("names one address a line, and may say more about them", () => {
    writeFileSync(path(), "# rack one\n10.0.0.5:7400\n\n  logs.internal:7400  # the service\n10.0.0.5:7400\n[::1]:7\n");
    expect(readPeersFile(path())).toEqual(["10.0.0.5:7400", "logs.internal:7400", "[::1]:7"]);
  });

  test.each([
    ["10.0.0.5:7400\nnowhere\n", /peers:2 is "nowhere"; a line is HOST:PORT/],
    [undefined, /cannot read the file of peers .*ENOENT/],
  ])("that cannot be used says where and why: %j", (content, message) => {
    if (content !== undefined) writeFileSync(path(), content);
    expect(() => readPeersFile(path())).toThrow(ConfigError);
    expect(() => readPeersFile(path())).toThrow(message);
  });

  test("tells of each change, of one that replaces the file and of one that spoils it", async () => {
    writeFileSync(path(), "a:1\n");
    const seen: unknown[] = [];
    let changed: () => void = () => undefined;
    const stop = watchPeersFile(path(), (peers) => {
      seen.push(peers instanceof Error ? peers.message : peers);
      changed();
    });
    const change = async (content: string): Promise<void> => {
      const told = new Promise<void>((resolve) => {
        changed = resolve;
      });
      writeFileSync(`${path()}.new`, content);
      renameSync(`${path()}.new`, path());
      await told;
    };
    await change("a:1\nb:1\n");
    await change("neither address nor comment\n");
    await change("c:1\n");
    stop();
    expect(seen).toEqual([["a:1", "b:1"], expect.stringContaining("a line is HOST:PORT"), ["c:1"]]);
  });
});

test("A node keeps the name that it was given last, and has the fallback before", () => {
  const names = [undefined, "first", undefined, "second", undefined].map((given) => keptName(directory, given, "host"));
  expect(names).toEqual(["host", "first", "first", "second", "second"]);
});
