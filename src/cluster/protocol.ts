/** The constants of the cluster's protocol: one schema with unit, default and reason; parsed once, then frozen. */

export interface ProtocolSetting {
  readonly unit: "ms" | "count" | "bytes";
  readonly default: number;
  readonly reason: string;
}

const ms = (value: number, reason: string): ProtocolSetting => ({ unit: "ms", default: value, reason });
const count = (value: number, reason: string): ProtocolSetting => ({ unit: "count", default: value, reason });
const bytes = (value: number, reason: string): ProtocolSetting => ({ unit: "bytes", default: value, reason });

export const PROTOCOL_SETTINGS = {
  tickMs: ms(100, "a fifth of the shortest timeout; an active node's bookkeeping stays under one percent of a core"),
  idleTickMs: ms(250, "half the probe timeout; enough for membership alone"),
  probeIntervalMs: ms(1000, "SWIM's period: detection within seconds, load independent of the cluster's size"),
  probeTimeoutMs: ms(500, "a thousand round trips of a local network, and half the interval"),
  indirectProbes: count(3, "SWIM's k: as many members are asked to probe one that did not answer"),
  suspicionStretch: count(6, "Lifeguard: a suspicion that nobody shares lasts this many times as long"),
  lagMs: ms(200, "an event loop that is this late is noticed: its node doubts itself first"),
  illMs: ms(
    400,
    "late by so much, half of each second forgiven, a node is ill and takes work last; one pause is no illness",
  ),
  demotionMs: ms(5000, "a node that lagged takes work last for so long after the last time"),
  suspicionFactor: count(4, "a suspect has this many probe intervals, times log10 of the members, to refute"),
  syncRetryMs: ms(1000, "a peer list that was asked for and did not come is asked for again"),
  antiEntropyMs: ms(10_000, "lists are compared with a random peer: lost announcements heal within 30 s"),
  announceMs: ms(5000, "a node's own statement, for peers without a direct connection; longer in large clusters"),
  silenceMs: ms(20_000, "four announcements missed, and no connection: suspect"),
  redialMinMs: ms(5000, "first pause before a dead peer or seed is dialled again, with full jitter"),
  redialMaxMs: ms(30_000, "longest such pause; redialling never ends, so partitions heal by themselves"),
  viewStableMs: ms(1000, "work is placed by members that have kept still for this long: one that flaps moves nothing"),
  viewLagMs: ms(5000, "and by the current ones after this at the latest"),
  rediscoverMs: ms(30_000, "a name that was told to be joined is looked up again: it may lead to other nodes by then"),
  rememberMs: ms(1000, "the members are written down at most this often: a flapping one must not wear the disk"),
  dialTimeoutMs: ms(10_000, "a dial without any outcome is given up"),
  higherIdDialDelayMs: ms(3000, "the lower id dials; the higher one only when no connection came within this time"),
  farewellMs: ms(200, "how long a node that leaves waits for its farewell to travel, before its listeners close"),
  drainMs: ms(10_000, "how long it goes on for what others wait for: a third of what Kubernetes gives before it kills"),
  recordCopies: count(3, "K ring successors keep a job's record: two lost disks lose nothing"),
  acknowledgeCopies: count(2, "durable copies a submit waits for without --durability"),
  acknowledgeMs: ms(1000, "then it is acknowledged with the copies there are"),
  durabilityMs: ms(10_000, "the same with --durability N; below N it is refused, and the job stays"),
  replicateMs: ms(2000, "records go again to current successors that have not confirmed them"),
  resendsAtOnce: count(
    32,
    "copies that nobody waits for, on their way to a member at a time: one that comes back is not flooded with all it lacks",
  ),
  copiesBytes: bytes(
    16 * 1024 * 1024,
    "of copies on their way to a member at a time: large results by the hundred would hold up all else, and fill memories",
  ),
  recordsCheckedAtOnce: count(
    200,
    "records whose copies are looked at in a tick when members come and go: of ten thousand at once all else would wait",
  ),
  lookupMs: ms(1000, "how long the successors, then everyone, are given to answer about an unknown job"),
  beaconMs: ms(1000, "roots publish coverage once a second, in one message a node"),
  beaconLifeMs: ms(30_000, "without a younger beacon or an open pull nobody works for a job"),
  rankDelayMs: ms(2000, "rank r takes the root over after r times this without growth of coverage"),
  rankDelayMaxMs: ms(15_000, "and after this at the latest"),
  retentionMs: ms(
    86_400_000,
    "a job that has ended is kept for a day of its holder's running, then only as a tombstone",
  ),
  rememberAgesMs: ms(
    600_000,
    "how old ended jobs are is written down this often: a crash makes them that much younger",
  ),
  endedJobs: count(2_000, "ended jobs that a node keeps at most, each a record in memory; the oldest go first"),
  endedResultBytes: bytes(256 * 1024 * 1024, "bytes of their results, which lie in memory; the oldest go first"),
  maxResultBytes: bytes(
    256 * 1024 * 1024,
    "a submit that asks for a higher cap on its result is refused: the result lies in memory wherever it is kept",
  ),
  activeJobs: count(
    1_000,
    "jobs that run or are planned, beyond which a submit is refused: each has a tree in memory on every node",
  ),
  plansAtOnce: count(
    16,
    "submits that are planned at a time; more wait for their turn, or all of a thousand would be acknowledged too late",
  ),
  fetchedMs: ms(600_000, "a result that was only fetched for a client here is kept for whoever asks again soon"),
  refreshMs: ms(2000, "a running job whose root is silent is looked up at its successors this often"),
  pullProgressMs: ms(500, "a served pull says this often that it is alive"),
  pullSilenceMs: ms(1500, "three progress messages missed: ask elsewhere as well"),
  pullStallMs: ms(6000, "alive without any advance for this long: ask elsewhere as well"),
  paceMs: ms(1000, "two progress messages: how fast a scan is counts from then on"),
  openSpanMs: ms(
    500,
    "a span that takes longer and is among the last in a queue is scanned in sixteen pieces: no node is left alone with it",
  ),
  previewMs: ms(1000, "what peers have not said of their finished parts by then is not in a preview"),
  coverMs: ms(5000, "past the deadline, how long one level of the tree may take before its children stand in for it"),
  inlineBytes: bytes(
    1024 * 1024,
    "a larger partial stays where it is: whoever asked is told where, and its groups are merged in parts",
  ),
  partBytes: bytes(
    32 * 1024 * 1024,
    "of the partials that a root is made of, about how much one part takes: some for each member, each a short merge",
  ),
  lentBytes: bytes(128 * 1024 * 1024, "partials of a job that a node has in memory for those who cut slices from them"),
  retryMinMs: ms(100, "first pause after every candidate for a vertex failed"),
  retryMaxMs: ms(2000, "longest such pause; asking never ends while the job runs"),
} as const satisfies Record<string, ProtocolSetting>;

export type Protocol = { readonly [name in keyof typeof PROTOCOL_SETTINGS]: number };

/** The defaults with some of them replaced. */
export function protocolWith(changes: Partial<Protocol> = {}): Protocol {
  const names = Object.keys(PROTOCOL_SETTINGS) as (keyof Protocol)[];
  const entries = names.map((name) => [name, changes[name] ?? PROTOCOL_SETTINGS[name].default]);
  return Object.freeze(Object.fromEntries(entries) as Protocol);
}
