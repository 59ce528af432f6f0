import type { ClientReadableStream, ServiceError } from "@grpc/grpc-js";

/** Reads a stream to its one end: null after the last message, or the error that cut it short. */
export function readStream<Message>(
  call: ClientReadableStream<Message>,
  onMessage: (message: Message) => void,
  onEnd: (error: ServiceError | null) => void,
): void {
  let ended = false;
  const end = (error: ServiceError | null) => {
    if (ended) return;
    ended = true;
    onEnd(error);
  };
  call.on("data", (message: Message) => {
    if (!ended) onMessage(message);
  });
  // A failed call emits both; its error comes first.
  call.on("error", (error: ServiceError) => end(error));
  call.on("end", () => end(null));
}
