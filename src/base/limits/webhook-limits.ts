// SPDX-License-Identifier: Apache-2.0
/** The bounds of webhooks, beside `limits.ts`: what each counts, and what happens when it is full. */

const HOUR_MS = 3_600_000

export const webhookLimits = {
  /** Endpoints of a tenant, and of the installation: each costs the filtering of all events. 422. */
  perTenant: 50,
  perInstallation: 1_000,
  urlCharacters: 2_000,
  noteCharacters: 200,
  /** Names or patterns of types of one endpoint. 400. */
  types: 50,
  /** Events in one request. 422. */
  batchEvents: 1_000,
  /** How long the first event of a request may wait for others. 422. */
  batchWaitMs: 60_000,
  /** How long the secret before the last one is good after a rotation. 422. */
  overlapMs: 30 * 24 * HOUR_MS,
} as const

/** How endpoints are called. */
export const callLimits = {
  /** Deliveries of one endpoint that are under way or wait for another attempt, and events in them; then nothing more is read for it. */
  lineDeliveries: 100,
  lineEvents: 2_000,
  /** Events of one endpoint that are held with what they say; what others say is read again when they are sent. */
  heldEvents: 200,
  /** Of these, at once. */
  readTogether: 20,
  /** Requests to one endpoint at once; the next waits. */
  requestsAtOnce: 4,
  /** Octets of a request; an event that no longer fits begins the next. */
  bodyOctets: 1_024 * 1_024,
  /** From the look-up of the name to the last octet of the answer; then it has failed. */
  answerMs: 15_000,
  /** Of an answer's body that are kept for people, and that are read at most; then the connection is closed. */
  keptAnswerOctets: 1_024,
  readAnswerOctets: 64 * 1_024,
  /** Failures in a row after which an endpoint is down. */
  downAfter: 3,
  /** An endpoint that has been down for so long is told of. */
  tellDownMs: 1 * HOUR_MS,
  /** Attempts go on for so long after the first; then it is a dead letter. */
  lifeMs: 72 * HOUR_MS,
  /** Attempts and dead letters of one endpoint that are kept; over it the oldest are forgotten. */
  keptAttempts: 500,
  keptDead: 2_000,
  /** Dead letters that get under way again together. */
  revivedAtOnce: 20,
  /** Attempts of a second that wait to be written, of one endpoint and of all; over it the oldest are forgotten. */
  unwritten: 2_000,
  /** The longest wait that an endpoint may ask for. */
  retryAfterMs: 1 * HOUR_MS,
} as const
