// SPDX-License-Identifier: Apache-2.0
/** The bounds of the spool: what a journal writes at once, keeps in memory, waits for, and leaves free on its disk. */

const KIB = 1_024
const MIB = 1_024 * KIB
const MINUTE_MS = 60_000

export const spoolLimits = {
  /** Larger content goes to a file of its own. */
  inlineOctets: 256 * KIB,
  /** A mail segment is closed at this size, an event segment too. */
  segmentOctets: 64 * MIB,
  /** And at this age, so that a quiet relay does not keep old mail for ever. */
  segmentAgeMs: 24 * 60 * MINUTE_MS,
  /** Fresh content kept in memory for its first attempt, with the usual `max_memory`. Over it: read back from disk. */
  cacheOctets: 64 * MIB,
  /** Octets in one group commit; the next group takes the rest. */
  groupOctets: 8 * MIB,
  /** Acceptances that wait for a commit; over it `begin` sheds. */
  waitingOctets: 64 * MIB,
  /** While much happens outcomes wait so long for others, to be written together: whoever delivers waits with them. */
  outcomeWriteMs: 2,
  /** Outcomes are synced at the latest after this. */
  outcomeSyncMs: 50,
  /** A reader that has seen everything looks again no sooner, and four times as late while much happens: views read many events at once. */
  viewPauseMs: 25,
  /** Changed recipients between two checkpoints of the index. */
  dirtyRecipients: 2_000,
  checkpointMs: 2_000,
  /** Segments and content files that may go are looked for this often. */
  upkeepMs: 20_000,
  /** A closed mail segment of which less than this lives is copied forward. */
  compactBelowPercent: 25,
  /** Outcomes that are written and not synced; over it the next ones wait for the sync, and delivery with them. */
  unsyncedOctets: 64 * MIB,
  /** Syncs that take longer than this, in the mean: `/readyz` says that the disk is slow. */
  slowSyncMs: 250,
  /** A sync that has not ended after this: listeners shed (452 4.3.1) until it does. */
  stalledSyncMs: 10_000,
  /** Free space below which listeners shed (452 4.3.1). */
  lowWaterOctets: 256 * MIB,
  /** Files that could still be made (inodes), below which listeners shed: segments and content need some. */
  lowWaterNames: 256,
  /** Preallocated, given back to the disk when it is full, so that outcomes can be written. */
  reserveOctets: 8 * MIB,
} as const
