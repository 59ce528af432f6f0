import { status as code, Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GrpcExchange } from "../../../src/node/adapters/grpc/exchange.js";
import { NodeClient } from "../../../src/node/adapters/grpc/node-client.js";
import { type GrpcServer, openGrpcServer } from "../../../src/node/adapters/grpc/server.js";
import { answerWith } from "./answering-node.js";

let server: GrpcServer;
let client: NodeClient;

beforeEach(async () => {
  server = await openGrpcServer("127.0.0.1:0", new GrpcExchange().server);
  client = new NodeClient(server.address);
});
afterEach(async () => {
  client.close();
  await server.stop(0);
});

test("A node that is not there is unreachable, by its address", async () => {
  await server.stop(0);
  await expect(client.members()).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining(server.address),
  });
});

test("A proxy for the web that the environment names is not asked for a node", async () => {
  vi.stubEnv("http_proxy", "http://127.0.0.1:1");
  vi.stubEnv("grpc_proxy", "http://127.0.0.1:1");
  const direct = new NodeClient(server.address);
  try {
    answerWith(server, {});
    expect(await direct.members()).toEqual([]);
  } finally {
    direct.close();
    vi.unstubAllEnvs();
  }
});

test("A gRPC server that is no node is unreachable as one", async () => {
  const stranger = new Server();
  const port = await new Promise<number>((resolve, reject) => {
    stranger.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const asking = new NodeClient(`127.0.0.1:${port}`);
  await expect(asking.members()).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("no logmr node"),
  });
  asking.close();
  stranger.forceShutdown();
});

test("Before the node serves, its jobs are not there to be called", async () => {
  await expect(client.jobs()).rejects.toMatchObject({ cause: { code: code.UNIMPLEMENTED } });
});
