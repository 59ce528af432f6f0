/**
 * Server reflection over the descriptor set of `buf build` and over the health service, so that any gRPC client can be
 * written without the protos.
 */

import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { service as healthService } from "grpc-health-check";
import { descriptorSetBase64 } from "../../../generated/descriptor-set.js";

export function addReflection(server: Server): void {
  const own = filesOf(Buffer.from(descriptorSetBase64, "base64"));
  const health = Object.values(healthService).flatMap(({ requestType }) => requestType.fileDescriptorProtos);
  const fileDescriptorProtos = [...own, ...health];
  // The service looks at nothing but the files' descriptors.
  const definition = { logmr: { format: "Protocol Buffer 3 DescriptorProto", type: {}, fileDescriptorProtos } };
  new ReflectionService(definition as ConstructorParameters<typeof ReflectionService>[0]).addToServer(server);
}

/** The encoded FileDescriptorProtos of a FileDescriptorSet: its field 1. */
function filesOf(descriptorSet: Uint8Array): Buffer[] {
  const reader = new BinaryReader(descriptorSet);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType);
  }
  return files;
}
