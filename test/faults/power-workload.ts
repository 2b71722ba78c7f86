// SPDX-License-Identifier: Apache-2.0
/**
 * The life of a journal, as a process whose disk is traced: it takes mail, small and large, records outcomes, frees and
 * copies segments, all of it far more often than a relay does. What it asked for and what it was answered it writes to a
 * file in the same folder, so that the trace has both in one order.
 *
 *   power-workload.ts <folder> <seed> <steps> <days of events kept>
 */
import { createHash } from 'node:crypto'
import { mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { days, ms, plus } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { journalId } from '../../src/events/ids.ts'
import { openJournal } from '../../src/platform/journal/open-journal.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelivered,
  sampleMessage,
  sampleReceived,
} from '../support/mail-samples.ts'
import { SIGNATURE } from '../support/spool-rig.ts'
import { ANSWERS_FILE, JOURNAL_FOLDER, POWER_LIMITS, type Said } from './power-words.ts'

const [root = '', seed = '1', steps = '60', kept = '30'] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const clock = new SystemClock()
mkdirSync(join(root, JOURNAL_FOLDER), { recursive: true })
const answers = openSync(join(root, ANSWERS_FILE), 'a')
let answersEnd = 0

await using journal = await openJournal({
  folder: join(root, JOURNAL_FOLDER),
  journal: journalId(1),
  node: 'test',
  clock,
  random,
  log: silentLog,
  onFatal: () => process.exit(1),
  retention: { failed: () => ms(50), events: days(Number(kept)) },
  limits: POWER_LIMITS,
})
const owned: WaitingRecipient[] = []
// The clock keeps no process alive.
const alive = setInterval(() => undefined, 60_000)
for (let step = 0; step < Number(steps); step++) {
  await Promise.all(Array.from({ length: 1 + Math.floor(random.fraction() * 4) }, live))
  await clock.sleep(ms(Math.floor(random.fraction() * 5)))
}
clearInterval(alive)

async function live(): Promise<void> {
  const chance = random.fraction()
  if (chance < 0.4) await accept()
  else if (chance < 0.5) await journal.freeDisk()
  else if (chance < 0.6)
    owned.push(...(await journal.take(SAMPLE_QUEUE, clock.now(), 20)).recipients)
  else await settle()
}

async function accept(): Promise<void> {
  const body = Buffer.alloc(
    20 + Math.floor(random.fraction() ** 3 * 8_000),
    `${random.fraction()}\r\n`,
  )
  const recipients = Array.from(
    { length: 1 + Math.floor(random.fraction() * 3) },
    (_, at) => `${at}@example.net`,
  )
  const message = sampleMessage(journal.newId(), clock.now(), { size: body.length, recipients })
  const hash = createHash('sha256').update(body).digest('hex')
  say({ what: 'submitted', id: message.id, recipients: recipients.length, hash })
  const draft = journal.begin()
  await draft.write(body)
  owned.push(...(await draft.commit(message, SIGNATURE, sampleReceived(message))))
  say({ what: 'accepted', id: message.id })
}

async function settle(): Promise<void> {
  const some = owned.splice(0, 1 + Math.floor(random.fraction() * 4))
  const sort = random.fraction()
  const now = clock.now()
  const outcomes = some.map((recipient) => {
    if (sort < 0.3) return sampleDeferred(recipient, now, plus(now, ms(1)))
    return sort < 0.7 ? sampleDelivered(recipient, now) : sampleBounced(recipient, now)
  })
  const all = some.map(({ message, index }) => ({ id: message.id, index, isFinal: sort >= 0.3 }))
  for (const one of all) say({ what: 'settling', ...one })
  await journal.record(outcomes)
  for (const one of all) say({ what: 'settled', ...one })
}

function say(said: Said): void {
  answersEnd += writeSync(answers, `${JSON.stringify(said)}\n`, answersEnd)
}
