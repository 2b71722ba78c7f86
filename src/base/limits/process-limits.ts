// SPDX-License-Identifier: Apache-2.0
/** The bounds of a process that carries mail: its memory and its files. All others are in `limits.ts`. */

const KIB = 1_024
const MIB = 1_024 * KIB

/** Memory of one process that carries mail. The shares are those of the usual `max_memory`; with another they are in proportion. */
export const memoryLimits = {
  /** `max_memory`, unless it is configured; and the least that it may be. */
  processOctets: 1_024 * MIB,
  leastOctets: 640 * MIB,
  /** What the program takes by itself, however little there is, and its objects within that. */
  programOctets: 384 * MIB,
  programObjectOctets: 128 * MIB,
  /** V8's other objects, over which the process ends; before it collects, and the young of them (see `app/process-memory.ts`). */
  objectOctets: 384 * MIB,
  firstObjectOctets: 256 * MIB,
  youngOctets: 64 * MIB,
  /** Of what V8 may keep: alive so much, mail that is not in memory waits in the index; again so little, it goes on. */
  objectsManyFrom: 0.8,
  objectsFewBelow: 0.7,
  /** Sessions of clients and what they hand in. From 3/4: 421 4.3.2 at the greeting, 452 4.3.1 at MAIL; over it 452 4.3.1 at RCPT and content. */
  incomingOctets: 256 * MIB,
  /** Content on connections to receivers. Over it a connection waits with its next transaction. */
  outgoingOctets: 128 * MIB,
  /** What a session costs by itself, in the clear and by TLS: a little more than `npm run bench:idle` measures. */
  sessionOctets: 8 * KIB,
  tlsSessionOctets: 56 * KIB,
  /** What costs beside its octets, about: a recipient, a chunk of content, a header field that is read. */
  recipientOctets: 512,
  chunkOctets: 256,
  headerFieldOctets: 256,
} as const

/** What the system gives a process. */
export const processLimits = {
  /** Files beside sessions and connections: journal, records, questions to resolvers, content of large messages, spare calls. */
  otherFiles: 300,
  /** Of those: addresses that are called beside a silent one. Over it they are called one after the other. */
  spareCallsShare: 1 / 5,
  /** Connections that the kernel keeps until they are taken, as Node asks for; over it clients try again by themselves. */
  backlog: 511,
} as const
