/** The node's gRPC server: its own three services, the standard health service, reflection. */

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { formatHostPort, parseHostPort } from "../../../base/host-port.js";
import { ClusterService } from "../../../generated/logmr/v1/cluster.js";
import { type ExchangeServer, ExchangeService } from "../../../generated/logmr/v1/exchange.js";
import { JobsService } from "../../../generated/logmr/v1/jobs.js";
import type { NodeService } from "../../node-service.js";
import type { SourceFinder } from "../../source-files.js";
import { SERVER_OPTIONS } from "./channel.js";
import { clusterService } from "./cluster-service.js";
import { jobsService } from "./jobs-service.js";
import { pullManyResponseToBytes, pullResponseToBytes } from "./pull-messages.js";
import { addReflection } from "./reflection.js";

const SERVICES = ["logmr.v1.Jobs", "logmr.v1.Cluster", "logmr.v1.Exchange"];

export interface GrpcServer {
  /** Where it listens, with the port that it got. */
  readonly address: string;
  /** Adds the services that a node's clients call; before it, only the exchange is served. */
  serve(node: NodeService, finder: SourceFinder): void;
  /** Ends open calls after a grace of `graceMs`, then closes. */
  stop(graceMs: number): Promise<void>;
}

/** Opens the listener at `listen` (`HOST:PORT`, port 0 picks one). Throws when the address cannot be listened on. */
export async function openGrpcServer(listen: string, exchange: ExchangeServer): Promise<GrpcServer> {
  const server = new Server(SERVER_OPTIONS);
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  const pull = { ...ExchangeService.pull, responseSerialize: pullResponseToBytes };
  const pullMany = { ...ExchangeService.pullMany, responseSerialize: pullManyResponseToBytes };
  server.addService({ ...ExchangeService, pull, pullMany }, exchange);
  health.addToServer(server);
  addReflection(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: formatHostPort({ host: parseHostPort(listen).host, port }),
    serve: (node, finder) => {
      server.addService(JobsService, jobsService(node));
      server.addService(ClusterService, clusterService(node, finder));
      for (const service of ["", ...SERVICES]) health.setStatus(service, "SERVING");
    },
    stop: (graceMs) => {
      for (const service of ["", ...SERVICES]) health.setStatus(service, "NOT_SERVING");
      return new Promise((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}
