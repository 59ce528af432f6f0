/** What every gRPC channel and server of logmr is opened with. */

import type { ChannelOptions } from "@grpc/grpc-js";

/** Messages larger than this are refused by both sides; frames are at most a quarter of it. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Bytes in flight on a stream: a frame is up to 1 MiB, and gRPC's own 64 KiB would stop the sender within each. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;

const BOTH_SIDES: ChannelOptions = {
  "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW_BYTES,
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

export const SERVER_OPTIONS: ChannelOptions = BOTH_SIDES;

/** A proxy of the environment is for the web: it reaches neither the machines of a cluster nor the loopback of this one. */
const CHANNEL: ChannelOptions = {
  ...BOTH_SIDES,
  "grpc.enable_http_proxy": 0,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
};

/**
 * Between nodes, with keepalive, a frozen server is an error after seconds instead of silence. A connection carries all that two
 * nodes have to do with each other, and a node that is only busy answers a ping late: whoever waits for one vertex asks
 * elsewhere sooner, and loses nothing else.
 */
export const CHANNEL_OPTIONS: ChannelOptions = {
  ...CHANNEL,
  "grpc.keepalive_time_ms": 1_000,
  "grpc.keepalive_timeout_ms": 6_000,
};

/** A client has one node to ask and no hurry to give it up: a busy machine answers late. */
export const CLIENT_CHANNEL_OPTIONS: ChannelOptions = {
  ...CHANNEL,
  "grpc.keepalive_time_ms": 5_000,
  "grpc.keepalive_timeout_ms": 10_000,
};
