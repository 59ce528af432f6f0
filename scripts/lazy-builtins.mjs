/**
 * A plugin for esbuild: Node's own modules that take milliseconds to load are loaded when something of them is used. Most
 * queries use none of child_process and zlib, which what they import would load all the same.
 */

const LAZY = /^(?:node:)?(?:child_process|crypto|worker_threads|zlib)$/;
const NAMESPACE = "lazy-builtin";

/**
 * A CommonJS module without exports, and a prototype that has those of `name`: what imports it inherits from the same
 * prototype, and looks names up where it uses them.
 */
const moduleText = (name) => `
  let loaded;
  const get = (_, key) => (loaded ??= require(${JSON.stringify(name)}))[key];
  module.exports = Object.create(new Proxy({}, { get }));
`;

export const lazyBuiltins = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: LAZY }, ({ path, namespace }) =>
      namespace === NAMESPACE
        ? { path, external: true }
        : { path: path.startsWith("node:") ? path : `node:${path}`, namespace: NAMESPACE },
    );
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: moduleText(path), loader: "js" }));
  },
};
