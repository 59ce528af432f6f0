/**
 * The layers: base < job < engine | cluster < node (ports, driver) < adapters < report, cli. `scripts/check-layers.ts`
 * runs these rules and proves first, on a canary of each, that they are seen.
 */

const IO_PACKAGES = "node_modules/(libp2p|@libp2p|@chainsafe|@multiformats|@grpc|grpc-health-check|lmdb|pino)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "base-is-the-ground",
      severity: "error",
      from: { path: "^src/base/" },
      to: { path: "^src/(?!base/)" },
    },
    {
      name: "job-is-pure",
      severity: "error",
      from: { path: "^src/job/" },
      to: { path: "^src/(?!base/|job/)" },
    },
    {
      name: "engine-knows-no-cluster",
      severity: "error",
      from: { path: "^src/engine/" },
      to: { path: "^src/(?!base/|job/|engine/)" },
    },
    {
      name: "cluster-knows-no-engine",
      severity: "error",
      from: { path: "^src/cluster/" },
      to: { path: "^src/(?!base/|job/|cluster/)" },
    },
    {
      name: "cores-import-no-packages",
      severity: "error",
      from: { path: "^src/(job|cluster)/" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer"] },
    },
    {
      name: "cores-import-no-node-modules",
      severity: "error",
      from: { path: "^src/(job|cluster)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "ports-know-no-adapters",
      severity: "error",
      from: { path: "^src/node/ports/" },
      to: { path: "^src/(node/(?!ports/)|report/|cli/|dashboard/)" },
    },
    {
      name: "driver-knows-no-adapters",
      severity: "error",
      from: { path: "^src/node/driver/" },
      to: { path: "^src/(node/adapters/|report/|cli/|dashboard/|engine/(?!plan))" },
    },
    {
      name: "only-adapters-do-io",
      comment: "The CLI's client of a cluster is the other end of the gRPC adapter, and uses it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(node/adapters/|generated/)" },
      to: { path: IO_PACKAGES },
    },
    {
      name: "node-knows-no-face",
      severity: "error",
      from: { path: "^src/node/" },
      to: { path: "^src/(report|cli|dashboard)/" },
    },
    {
      name: "report-knows-no-command",
      severity: "error",
      from: { path: "^src/report/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "sources-know-no-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|scripts)/" },
    },
    {
      name: "no-cycles",
      comment: "Types may refer to each other; values that need each other to load may not.",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/engine/kernels/assembly/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
