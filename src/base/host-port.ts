/** Addresses as users write them: `HOST:PORT`, with an IPv6 host in brackets. */

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]+)):(\d{1,5})$/;

/** Throws a RangeError that quotes the text when it is not `HOST:PORT`. */
export function parseHostPort(text: string): HostPort {
  const match = HOST_PORT.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    throw new RangeError(`"${text}" is not HOST:PORT, such as 10.0.0.5:7400 or [::1]:7400`);
  }
  return { host, port };
}

export const formatHostPort = ({ host, port }: HostPort): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** Whether a host names this machine alone: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i.test(host);
}
