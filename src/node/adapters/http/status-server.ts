/** The node's HTTP listener: is it up, and a few numbers in the text format that Prometheus reads. */

import { createServer, type ServerResponse } from "node:http";
import { formatHostPort, parseHostPort } from "../../../base/host-port.js";
import type { MemberState } from "../../../cluster/member.js";
import { JOB_STATES } from "../../../job/status.js";
import type { NodeService } from "../../node-service.js";

export interface StatusServer {
  /** Where it listens, with the port that it got. */
  readonly address: string;
  /** From now on it reports this node; before, it answers 503. */
  serve(node: NodeService): void;
  stop(): Promise<void>;
}

const MEMBER_STATES: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** Opens the listener at `listen` (`HOST:PORT`, port 0 picks one). Throws when the address cannot be listened on. */
export async function openStatusServer(listen: string): Promise<StatusServer> {
  let serving: NodeService | undefined;
  const server = createServer((request, response) => answer(request.method, request.url, serving, response));
  const { host, port } = parseHostPort(listen);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  const bound = server.address();
  return {
    address: formatHostPort({ host, port: typeof bound === "object" && bound !== null ? bound.port : port }),
    serve: (node) => {
      serving = node;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  method: string | undefined,
  url: string | undefined,
  node: NodeService | undefined,
  response: ServerResponse,
): void {
  const end = (code: number, text: string) => {
    response.writeHead(code, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
    response.end(text);
  };
  if (method !== "GET" && method !== "HEAD") end(405, "only GET is answered here\n");
  else if (node === undefined) end(503, "starting\n");
  else if (url === "/healthz") end(200, "ok\n");
  else if (url === "/metrics") end(200, metricsOf(node));
  else end(404, "there are /healthz and /metrics\n");
}

function metricsOf(node: NodeService): string {
  const { members } = node.view();
  const jobs = node.jobCounts();
  return [
    "# HELP logmr_members Members of the cluster as this node sees it, by state.",
    "# TYPE logmr_members gauge",
    ...MEMBER_STATES.map(
      (state) => `logmr_members{state="${state}"} ${members.filter((member) => member.state === state).length}`,
    ),
    "# HELP logmr_jobs Jobs that this node remembers, by state.",
    "# TYPE logmr_jobs gauge",
    ...JOB_STATES.map((state) => `logmr_jobs{state="${state}"} ${jobs.get(state) ?? 0}`),
    "# HELP logmr_scanned_bytes_total Bytes of input that this node has scanned since it started.",
    "# TYPE logmr_scanned_bytes_total counter",
    `logmr_scanned_bytes_total ${Math.round(node.scannedBytes())}`,
    "# HELP process_resident_memory_bytes Resident memory of the process.",
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    "",
  ].join("\n");
}
