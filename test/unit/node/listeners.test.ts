import { describe, expect, test } from "vitest";
import { parseNodeConfig } from "../../../src/node/config.js";
import { advertised, resolveListeners } from "../../../src/node/listeners.js";

const config = (values: Record<string, unknown>) => parseNodeConfig([{ label: (name) => `--${name}`, values }]);

describe("listeners", () => {
  test("are on loopback by default, and beside the peer-to-peer one", async () => {
    expect(await resolveListeners(config({}))).toEqual({
      listen: "127.0.0.1:7400",
      grpc: "127.0.0.1:7401",
      http: "127.0.0.1:7402",
    });
    expect(await resolveListeners(config({ listen: "127.8.9.1:1", http: "[::1]:5" }))).toEqual({
      listen: "127.8.9.1:1",
      grpc: "127.8.9.1:7401",
      http: "[::1]:5",
    });
  });

  test("are on the interface that reaches the node to join", async () => {
    expect(await resolveListeners(config({ join: "127.0.0.1:7400" }))).toMatchObject({ listen: "127.0.0.1:7400" });
  });

  test.each([
    { listen: "0.0.0.0:0" },
    { listen: "[::]:0" },
    { grpc: "10.1.2.3:7401" },
    { listen: "127.0.0.1:0", http: "0.0.0.0:80" },
  ])("beyond loopback are refused without credentials: %j", async (values) => {
    const refused = resolveListeners(config(values));
    await expect(refused).rejects.toMatchObject({ name: "ConfigError", code: "insecure-listener" });
    await expect(refused).rejects.toThrow(/logmr cluster init.*--insecure/s);
    await expect(resolveListeners(config({ ...values, insecure: true }))).resolves.toMatchObject(values);
  });

  test("are told to others by the host to advertise, and a wildcard by an address that exists", async () => {
    const bound = { listen: "0.0.0.0:1", grpc: "127.0.0.1:2", http: "[::]:3" };
    expect(await advertised(bound, config({ advertise: "node-1.example" }))).toEqual({
      listen: "node-1.example:1",
      grpc: "node-1.example:2",
      http: "node-1.example:3",
    });
    const told = await advertised(bound, config({ join: "127.0.0.1:7400" }));
    expect(told).toEqual({ listen: "127.0.0.1:1", grpc: "127.0.0.1:2", http: "127.0.0.1:3" });
  });

  test("cannot be chosen while no node to join resolves", async () => {
    expect(await resolveListeners(config({ join: ["no-such-host.invalid:7400", "127.0.0.1:1"] }))).toMatchObject({
      listen: "127.0.0.1:7400",
    });
    expect(await resolveListeners(config({ join: "no-such-host.invalid:7400" }))).toEqual({
      unresolved: [expect.stringContaining("no-such-host.invalid:7400")],
    });
  });
});
