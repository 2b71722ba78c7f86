// SPDX-License-Identifier: Apache-2.0
/** The bounds of the HTTP API, beside `limits.ts`: what each counts, and what happens when it is full. */

const MIB = 1_024 * 1_024
const MINUTE_MS = 60_000

/** Idempotency-Key. */
export const idempotencyLimits = {
  /** 400. */
  keyCharacters: 255,
  /** Answers of the last 24 hours; over it a request with a key is told to come later. 503. */
  kept: 200_000,
  /** A request that takes longer has lost its process. */
  underWayMs: 5 * MINUTE_MS,
  /** What a crash cut off is gone on with for so long: a message is found by the time in its id, which is that of the first request. */
  resumableMs: 30 * MINUTE_MS,
} as const

/** What the API shows of queues. */
export const queueListLimits = {
  /** Of more of them the largest are listed. */
  queues: 10_000,
  /** Of one queue. 400. */
  recipients: 1_000,
  /** Suspensions of one tenant's own: each is asked for each queue. 422. */
  suspensionsOfTenant: 100,
} as const

/** The HTTP API. */
export const httpLimits = {
  /** A message in JSON: attachments are base64, a third more than their octets. 413. */
  messageOctets: 72 * MIB,
  /** Messages in one request. 400. */
  batchMessages: 1_000,
  /** A request that is no message. 413. */
  bodyOctets: 1 * MIB,
  /** From the first octet of a request to its last, then 408. */
  requestTimeoutMs: 1 * MINUTE_MS,
  /** From a connection to the end of its TLS handshake, then it is cut. */
  handshakeTimeoutMs: 10_000,
  /** A connection without a request is closed then. */
  keepAliveMs: 72_000,
  /** Event streams at once, and of one tenant, then 503. Each costs the filtering of all events, and a window of them. */
  eventStreams: 200,
  eventStreamsPerTenant: 20,
  /** Of a name in a path, such as that of a queue: longer ones are not found. 404. */
  nameCharacters: 1_000,
  /** Of each key, unless `api.requests_per_minute` says otherwise. 429. */
  requestsPerMinute: 6_000,
  /** Keys, people or networks whose requests of this minute are counted; over it the oldest count is forgotten. */
  rateWindows: 100_000,
  /** When who was told 503 should try again. */
  busyRetrySeconds: 5,
} as const
