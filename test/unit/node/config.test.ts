import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import {
  ConfigError,
  environmentSettings,
  NODE_SETTINGS,
  parseNodeConfig,
  SETTING_NAMES,
} from "../../../src/node/config.js";

const flags = (values: Record<string, unknown>) => ({ label: (name: string) => `--${name}`, values });
const file = (values: Record<string, unknown>) => ({ label: (name: string) => `"${name}" in node.yaml`, values });

describe("a node's configuration", () => {
  test("has a default for everything", () => {
    const config = parseNodeConfig([flags({})]);
    expect(config).toMatchObject({
      name: undefined,
      peersFile: undefined,
      join: [],
      sources: [],
      zone: "",
      insecure: false,
    });
    expect(config.dataDir).toMatch(/logmr$/);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("takes a flag before the environment, and that before the file", () => {
    const environment = environmentSettings({
      LOGMR_NAME: "by-environment",
      LOGMR_ZONE: "east",
      LOGMR_NODE: "x",
      PATH: "/",
    });
    const config = parseNodeConfig([
      flags({ name: "by-flag" }),
      environment,
      file({ name: "by-file", zone: "west", threads: 3, insecure: true }),
    ]);
    expect(config).toMatchObject({ name: "by-flag", zone: "east", threads: 3, insecure: true });
  });

  test("takes no notice of the addresses that Kubernetes sets for a service of the name", () => {
    const links = {
      LOGMR_SERVICE_HOST: "10.0.0.1",
      LOGMR_SERVICE_PORT_GRPC: "7401",
      LOGMR_PORT: "tcp://10.0.0.1:7401",
      LOGMR_NODE_PORT_7401_TCP_ADDR: "10.0.0.1",
    };
    expect(environmentSettings({ ...links, LOGMR_ZONE: "east" }).values).toEqual({ zone: "east" });
    expect(environmentSettings({ LOGMR_PORTS: "1" }).values).toEqual({ ports: "1" });
  });

  test("reads every setting from the environment", () => {
    const variables = Object.fromEntries(
      SETTING_NAMES.map((name) => {
        const samples = {
          address: "10.0.0.1:7",
          text: "text",
          directory: "/d",
          count: "2",
          size: "512MB",
          "part-size": "64KiB",
          "result-cap": "1GiB",
          switch: "true",
          source: `${name}=/logs`,
        };
        return [`LOGMR_${name.toUpperCase().replaceAll("-", "_")}`, samples[NODE_SETTINGS[name].type]];
      }),
    );
    expect(parseNodeConfig([environmentSettings(variables)])).toEqual({
      listen: "10.0.0.1:7",
      grpc: "10.0.0.1:7",
      http: "10.0.0.1:7",
      advertise: "text",
      join: ["10.0.0.1:7"],
      peersFile: "text",
      name: "text",
      dataDir: "/d",
      sources: [
        { name: "logs", directory: "/logs", shared: false },
        { name: "shared-logs", directory: "/logs", shared: true },
      ],
      memoryBytes: 512_000_000,
      partBytes: 65_536,
      maxResultBytes: 1_073_741_824,
      zone: "text",
      threads: 2,
      insecure: true,
    });
  });

  test("takes several values of what may be repeated, with commas in the environment", () => {
    expect(parseNodeConfig([environmentSettings({ LOGMR_JOIN: "a:1, [::1]:2" })]).join).toEqual(["a:1", "[::1]:2"]);
    const config = parseNodeConfig([file({ logs: ["web=logs", "db=/a=b"], "shared-logs": "all=/all" })]);
    expect(config.sources).toEqual([
      { name: "web", directory: resolve("logs"), shared: false },
      { name: "db", directory: "/a=b", shared: false },
      { name: "all", directory: "/all", shared: true },
    ]);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ lissten: "a:1" }, /^--lissten is no setting of a node; did you mean --listen\?$/],
    [{ listen: "localhost" }, /^--listen is "localhost"; it is HOST:PORT/],
    [{ listen: "a:70000" }, /HOST:PORT/],
    [{ grpc: "::1:7401" }, /HOST:PORT/],
    [{ join: ["a:1", "b"] }, /^--join is "b"; it is HOST:PORT/],
    [{ memory: "1MB" }, /a size of 64MiB or more, such as 512MB/],
    [{ "part-size": "100" }, /a size from 1KiB to 1GiB, such as 32MiB/],
    [{ "max-result": "63MiB" }, /a size from 64MiB to 1GiB, such as 256MiB/],
    [{ "max-result": "2GiB" }, /a size from 64MiB to 1GiB/],
    [{ threads: "0" }, /whole number from 1 to 1024/],
    [{ threads: 2.5 }, /whole number/],
    [{ insecure: "yes" }, /true or false/],
    [{ name: "" }, /not empty/],
    [{ name: ["a", "b"] }, /given 2 times/],
    [{ name: { a: 1 } }, /plain value/],
    [{ logs: ["web"] }, /NAME=DIR/],
    [{ logs: ["=/var/log"] }, /NAME=DIR/],
    [{ logs: ["we:b=/var/log"] }, /NAME=DIR/],
    [{ logs: ["web="] }, /NAME=DIR/],
    [{ logs: ["web=/a"], "shared-logs": ["web=/b"] }, /"web" is declared twice/],
  ])("refuses %j with a way out", (values, message) => {
    expect(() => parseNodeConfig([flags(values)])).toThrow(ConfigError);
    expect(() => parseNodeConfig([flags(values)])).toThrow(message);
  });

  test("names an unknown setting as it was written where it was written", () => {
    expect(() => parseNodeConfig([environmentSettings({ LOGMR_DATADIR: "/d" })])).toThrow(
      "LOGMR_DATADIR is no setting of a node; did you mean LOGMR_DATA_DIR?",
    );
    expect(() => parseNodeConfig([file({ grpcs: "a:1" })])).toThrow('did you mean "grpc" in node.yaml?');
  });
});
