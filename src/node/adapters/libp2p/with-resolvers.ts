/**
 * `Promise.withResolvers` for Node 20, which lacks it and libp2p needs it while it loads. Import it before anything that
 * imports libp2p.
 */

interface Resolvers {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason?: unknown) => void;
}

const promises = Promise as unknown as { withResolvers?: () => Resolvers };

promises.withResolvers ??= () => {
  let resolve: Resolvers["resolve"] = () => undefined;
  let reject: Resolvers["reject"] = () => undefined;
  const promise = new Promise((onResolved, onRejected) => {
    resolve = onResolved;
    reject = onRejected;
  });
  return { promise, resolve, reject };
};
