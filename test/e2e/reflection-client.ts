/** A gRPC client that knows nothing of logmr: everything comes from server reflection. */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Client, credentials, loadPackageDefinition, type ServiceError } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

const REFLECTION_METHOD = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

type Call = (request: object) => Promise<readonly Record<string, unknown>[]>;

/** The encoded descriptor of the file that defines a symbol. */
function descriptorOf(address: string, symbol: string): Promise<readonly Buffer[]> {
  const client = new Client(address, credentials.createInsecure());
  // ServerReflectionRequest.file_containing_symbol is field 4.
  const request = Buffer.from(new BinaryWriter().tag(4, 2).string(symbol).finish());
  const identity = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(REFLECTION_METHOD, identity, identity);
  return new Promise<readonly Buffer[]>((resolve, reject) => {
    call.on("data", (response: Buffer) => {
      // ServerReflectionResponse.file_descriptor_response is field 4; its file_descriptor_proto field 1.
      resolve(fieldsOf(response, 4).flatMap((files) => fieldsOf(files, 1)));
      call.end();
    });
    call.on("error", reject);
    call.write(request);
  }).finally(() => client.close());
}

function fieldsOf(message: Uint8Array, wanted: number): readonly Buffer[] {
  const reader = new BinaryReader(message);
  const found: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === 2) found.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType);
  }
  return found;
}

/** The methods of a service, found by reflection; each gives all messages of its answer. */
export async function reflectService(
  address: string,
  service: string,
): Promise<{ readonly call: (method: string, request: object) => ReturnType<Call>; readonly close: () => void }> {
  const files = await descriptorOf(address, service);
  const writer = new BinaryWriter();
  for (const file of files) writer.tag(1, 2).bytes(file);
  const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
  const definition = loadFileDescriptorSetFromBuffer(Buffer.from(writer.finish()), options);
  const found = service
    .split(".")
    .reduce<unknown>((scope, name) => (scope as Record<string, unknown>)[name], loadPackageDefinition(definition));
  const client = new (found as new (address: string, security: object) => Client)(
    address,
    credentials.createInsecure(),
  );
  return {
    call: (method, request) => callAny(client, method, request),
    close: () => client.close(),
  };
}

function callAny(client: Client, method: string, request: object): ReturnType<Call> {
  type Stream = NodeJS.EventEmitter;
  type Unary = (
    request: object,
    done: (error: ServiceError | null, response: Record<string, unknown>) => void,
  ) => Stream;
  const run = (client as unknown as Record<string, Unary & { readonly responseStream: boolean }>)[method];
  if (run === undefined) throw new Error(`reflection shows no method ${method}`);
  return new Promise((resolve, reject) => {
    if (!run.responseStream) {
      run.call(client, request, (error, response) => (error === null ? resolve([response]) : reject(error)));
      return;
    }
    const messages: Record<string, unknown>[] = [];
    const stream = (run as unknown as (request: object) => Stream).call(client, request);
    stream.on("data", (message: Record<string, unknown>) => messages.push(message));
    stream.on("error", reject);
    stream.on("end", () => resolve(messages));
  });
}
