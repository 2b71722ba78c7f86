// SPDX-License-Identifier: Apache-2.0
/** Checks a data directory that no relay runs on, and repairs what recovery can. Without `repair` nothing is changed. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { SystemClock } from '../base/clock.ts'
import { RelayError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { SystemRandom } from '../base/random.ts'
import { own } from '../platform/journal/owner.ts'
import type { Problem } from '../platform/journal/verify-findings.ts'
import { type JournalFacts, verifyJournal } from '../platform/journal/verify-journal.ts'
import { repairJournal } from '../platform/journal/verify-repair.ts'
import type { Config } from './config/config.ts'
import { journalFolder, journalsIn } from './data-files.ts'
import { type StoreFacts, verifyStore } from './verify-store.ts'

export interface VerifiedJournal extends JournalFacts {
  /** Of its folder, within the data directory. */
  readonly name: string
  /** What `--repair` did, a sentence each. */
  readonly repaired: readonly string[]
  /** Problems that were there before that. */
  readonly mended: readonly Problem[]
}

export interface Verified {
  readonly dataDir: string
  /** As it is now, after repairs. */
  readonly sound: boolean
  readonly problemCount: number
  readonly journals: readonly VerifiedJournal[]
  readonly store: StoreFacts
}

/** Throws `RLY_DATA_DIR_IN_USE`, `RLY_DATA_DIR_MISSING`, `RLY_DATA_DIR_NEWER`. */
export async function verify(config: Config, repair: boolean): Promise<Verified> {
  const { dataDir } = config
  if (!existsSync(dataDir))
    throw new RelayError('RLY_DATA_DIR_MISSING', `the data directory ${dataDir} is not there`)
  const found = await lookAtAll(config)
  const repaired = new Map<string, Pick<VerifiedJournal, 'repaired' | 'mended'>>()
  for (const journal of repair ? found.journals : [])
    if (journal.problemCount > 0)
      repaired.set(journal.name, {
        repaired: await repairOne(config, journal),
        mended: journal.problems,
      })
  const now = repaired.size > 0 ? await lookAtAll(config) : found
  const journals = now.journals.map((facts): VerifiedJournal => {
    const { repaired: done = [], mended = [] } = repaired.get(facts.name) ?? {}
    const left = new Set(facts.problems.map(({ what }) => what))
    return { ...facts, repaired: done, mended: mended.filter(({ what }) => !left.has(what)) }
  })
  const problemCount = [...journals, now.store].reduce((sum, one) => sum + one.problemCount, 0)
  return { dataDir, sound: problemCount === 0, problemCount, journals, store: now.store }
}

/** Owns all journals as long as it looks: none of them moves meanwhile. */
async function lookAtAll(config: Config) {
  using owners = new DisposableStack()
  const clock = new SystemClock()
  const found = journalsIn(config.dataDir).map((journal) => ({
    journal,
    folder: journalFolder(config.dataDir, journal),
  }))
  for (const { folder } of found) owners.use(own(folder, clock))
  const keepFailed = () => config.spool.retentionFailed
  const journals: (JournalFacts & { readonly name: string })[] = []
  for (const { journal, folder } of found) {
    const facts = await verifyJournal({ folder, journal, keepFailed })
    journals.push({ name: basename(folder), ...facts })
  }
  return { journals, store: await verifyStore(config) }
}

function repairOne(config: Config, { journal, index }: JournalFacts): Promise<readonly string[]> {
  const { spool, nodeName, dataDir } = config
  return repairJournal(
    {
      folder: journalFolder(dataDir, journal),
      journal,
      node: nodeName,
      clock: new SystemClock(),
      random: new SystemRandom(),
      log: silentLog,
      onFatal: () => {},
      retention: { failed: () => spool.retentionFailed, events: spool.retentionEvents },
      limits: { lowWaterOctets: spool.lowWater },
    },
    index.position,
  )
}
