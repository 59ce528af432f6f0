/** The service `logmr.v1.Cluster`: members and sources as this node sees them. */

import type { ClusterServer } from "../../../generated/logmr/v1/cluster.js";
import { compareFiles } from "../../../job/manifest.js";
import type { NodeService } from "../../node-service.js";
import { type FoundFiles, type SourceFile, type SourceFinder, sourceNames } from "../../source-files.js";
import { memberToWire, sourceFileToWire } from "./wire-cluster.js";

export function clusterService(node: NodeService, finder: SourceFinder): ClusterServer {
  return {
    listMembers: (_call, callback) => {
      const { self, members } = node.view();
      callback(null, { self, members: members.map(memberToWire) });
    },
    listSources: (call, callback) => {
      const view = node.view();
      const names = sourceNames(view).filter((name) => call.request.name === "" || name === call.request.name);
      const answers = names.map((source) => {
        const question = { source, glob: "**", detail: "names" } as const;
        return new Promise<FoundFiles>((resolve) => finder.find(view, question, resolve));
      });
      Promise.all(answers).then((found) => {
        const files = found.flatMap((answer) => answer.files).sort(compareSourceFiles);
        const unreachable = names.filter((_, index) => (found[index]?.unreachable.length ?? 0) > 0);
        callback(null, { files: files.map(sourceFileToWire), unreachable });
      });
    },
  };
}

function compareSourceFiles(left: SourceFile, right: SourceFile): number {
  return compareFiles(
    { source: left.source, node: left.node, path: left.description.path },
    { source: right.source, node: right.node, path: right.description.path },
  );
}
