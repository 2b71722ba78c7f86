// SPDX-License-Identifier: Apache-2.0
/** The bounds of what recipients reach over HTTP: anybody may call. All others are in `limits.ts`. */

const KIB = 1_024

export const webLimits = {
  /** Over it a connection is not taken; of one network, and those of named proxies are not counted. */
  connections: 4_000,
  connectionsPerNetwork: 500,
  /** A request line and fields: browsers send the cookies of the whole domain. 431. */
  headerOctets: 32 * KIB,
  /** From the first octet of a request to the end of its fields, and to its last octet, then 408. */
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  /** How often that is looked at. */
  timeoutCheckMs: 2_000,
  /** A connection without a request is closed then. */
  keepAliveMs: 5_000,
  /** Then the connection is closed. */
  requestsPerConnection: 1_000,
  /** Of a form. 413. */
  bodyOctets: 8 * KIB,
  /** Of a path with its query: a link with its target. 414. */
  pathCharacters: 8 * KIB,
  /** Words that are none of ours, or old, of one network in a minute; then 429 for more of them. A good one is always taken. */
  badPerMinute: 60,
  /** Networks that are counted. */
  networks: 100_000,
} as const
