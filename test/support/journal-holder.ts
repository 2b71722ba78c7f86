// SPDX-License-Identifier: Apache-2.0
/** A process that opens the journal in the folder that it is given, accepts one message, says so, and holds on. */

import { days } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { journalId } from '../../src/events/ids.ts'
import { openJournal } from '../../src/platform/journal/open-journal.ts'
import { TEST_LIMITS } from './journal-rig.ts'
import { submit } from './spool-rig.ts'

const clock = new SystemClock()
const journal = await openJournal({
  folder: process.argv[2] ?? '',
  journal: journalId(1),
  node: 'holder',
  clock,
  random: new SystemRandom(),
  log: silentLog,
  onFatal: () => {},
  retention: { failed: () => days(7), events: days(30) },
  limits: TEST_LIMITS,
})
await submit(journal, clock.now())
console.log('accepted')
setInterval(() => undefined, 60_000)
