/** A node's services with answers that a test tells them, in place of a node. */

import type { NodeId } from "../../../src/base/ids.js";
import type { GrpcServer } from "../../../src/node/adapters/grpc/server.js";
import { MemoryExchanges } from "../../../src/node/adapters/memory/exchange.js";
import type { NodeService } from "../../../src/node/node-service.js";
import { SourceFinder } from "../../../src/node/source-files.js";

const notAsked = (): never => {
  throw new Error("this test does not ask for that");
};

/** Serves a cluster without members that gives these answers, and fails over any other question. */
export function answerWith(server: GrpcServer, answers: Partial<NodeService>): void {
  const node: NodeService = {
    submit: notAsked,
    status: notAsked,
    watch: notAsked,
    result: notAsked,
    preview: notAsked,
    cancel: notAsked,
    jobs: notAsked,
    jobCounts: notAsked,
    view: () => ({ self: "node-a" as NodeId, members: [] }),
    scannedBytes: () => 0,
    ...answers,
  };
  server.serve(node, new SourceFinder({ describe: notAsked, open: notAsked }, new MemoryExchanges().at("a")));
}
