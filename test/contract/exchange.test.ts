import { GrpcExchange } from "../../src/node/adapters/grpc/exchange.js";
import { type GrpcServer, openGrpcServer } from "../../src/node/adapters/grpc/server.js";
import { MemoryExchanges } from "../../src/node/adapters/memory/exchange.js";
import { exchangeContract, memberAt, SLICE_REQUEST } from "./exchange.js";

exchangeContract("memory", async () => {
  const exchanges = new MemoryExchanges();
  return {
    caller: exchanges.at("caller"),
    server: exchanges.at("server"),
    member: memberAt("server"),
    kill: async () => exchanges.remove("server"),
    close: async () => undefined,
  };
});

const openGrpc = async () => {
  const caller = new GrpcExchange();
  const server = new GrpcExchange();
  const listener: GrpcServer = await openGrpcServer("127.0.0.1:0", server.server);
  return {
    caller,
    server,
    member: memberAt(listener.address),
    kill: () => listener.stop(0),
    close: async () => {
      caller.close();
      await listener.stop(0);
    },
  };
};

exchangeContract("gRPC", openGrpc);
exchangeContract("gRPC, for slices", openGrpc, SLICE_REQUEST);
