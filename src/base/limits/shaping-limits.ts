// SPDX-License-Identifier: Apache-2.0
/** Limits towards receivers, and the ledger that lends them to workers. */
export const shapingLimits = {
  /** Slots of a rate in one answer; who wants more asks again. */
  slotsPerGrant: 1_000,
  /** Sites, and lanes of rates, in one question to the ledger; the rest goes with the next. */
  asksPerQuestion: 5_000,
  /** Limits of one lane: its path's, its provider's, its source's. */
  limitsPerLane: 8,
  /** Paths, and tenants at providers, of which replies have taught something; beyond, what changed longest ago is forgotten. */
  lessons: 20_000,
  /** Tenants and campaigns at providers among them; beyond, what changed longest ago is forgotten, whatever there is of paths. */
  flowLessons: 2_000,
  /** Of mail that one of them slows down, what a site keeps in memory; the rest waits in the index. */
  slowedMost: 200,
  /** Of which one path remembers when it last heard of them. */
  flowsOfPath: 100,
  /** Transactions of which a path remembers whose they were; the oldest is forgotten. */
  sendersOfPath: 16,
  /** Complaints, and paths that something went well on, in one question to the ledger; what is beyond is not told. */
  signalsPerQuestion: 2_000,
  /** Of a complaint, in events and views. */
  complaintCharacters: 300,
} as const
