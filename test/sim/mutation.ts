/** A bug that can be switched on, to prove that the simulator would find it. None of it touches production's code. */

import type { NodeId } from "../../src/base/ids.js";
import type { Protocol } from "../../src/cluster/protocol.js";
import type { DriverPorts } from "../../src/node/driver/driver-config.js";
import type { SimOptions } from "./sim-options.js";
import type { DiskOptions } from "./simulated-store.js";

export interface Mutation {
  readonly protocol?: Partial<Protocol>;
  readonly disk?: Pick<DiskOptions, "lies" | "forgetsState" | "isTrusting">;
  /** Nodes say that they have the first version, whatever they compute. */
  readonly saysAnyVersion?: boolean;
  /** The incarnation that a life of a node begins with. */
  readonly incarnationOf?: (life: number) => number;
  /** Stands between a node and its ports. */
  readonly decorate?: (ports: DriverPorts, self: NodeId) => DriverPorts;
  /** Replaces methods of production's classes; returns what puts them back. */
  readonly patch?: () => () => void;
}

/** Replaces one method of a class; returns what puts it back. */
export function replaceMethod<Instance extends object, Name extends keyof Instance>(
  owner: { readonly prototype: Instance },
  name: Name,
  make: (original: Instance[Name]) => Instance[Name],
): () => void {
  const { prototype } = owner;
  const original = prototype[name];
  prototype[name] = make(original);
  return () => {
    prototype[name] = original;
  };
}

/** Replaces one getter of a class; returns what puts it back. */
export function replaceGetter(owner: { readonly prototype: object }, name: string, get: () => unknown): () => void {
  const { prototype } = owner;
  const original = Object.getOwnPropertyDescriptor(prototype, name);
  if (original?.get === undefined) throw new Error(`no getter ${name}`);
  Object.defineProperty(prototype, name, { ...original, get });
  return () => {
    Object.defineProperty(prototype, name, original);
  };
}

/** A port with some of its methods replaced. */
export function replacing<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const replaced: unknown = Reflect.get(methods, name);
      const value: unknown = replaced ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export interface NamedMutation extends Mutation {
  /** Options under which the bug shows often enough for a short test. */
  readonly options: Partial<SimOptions>;
  /** What the simulator says when it has found it. */
  readonly found: RegExp;
  /** It is found within so many seeds. */
  readonly withinSeeds: number;
}
