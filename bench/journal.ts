// SPDX-License-Identifier: Apache-2.0
/**
 * What the journal costs by itself: 20 committers accept messages of 4 KiB and record that each was delivered.
 * `node bench/journal.ts [messages]` prints messages a second and CPU microseconds a message, all threads counted.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { days } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { SystemRandom } from '../src/base/random.ts'
import { journalId } from '../src/events/ids.ts'
import { type Journal, openJournal } from '../src/platform/journal/open-journal.ts'
import { sampleDelivered, sampleMessage, sampleReceived } from '../test/support/mail-samples.ts'

const COMMITTERS = 20
const CONTENT_OCTETS = 4 * 1_024
const SIGNATURE = Buffer.alloc(600, 'd')

const messages = Number(process.argv[2] ?? 20_000)
const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'journal-'))
const clock = new SystemClock()
try {
  await using journal = await openJournal({
    folder,
    journal: journalId(1),
    node: 'bench',
    clock,
    random: new SystemRandom(),
    log: silentLog,
    onFatal: () => {},
    retention: { failed: days(7), events: days(30) },
  })
  await run(journal, Math.min(messages, 2_000))
  const cpu = process.cpuUsage()
  const started = clock.monotonic()
  await run(journal, messages)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (clock.monotonic() - started) / 1_000
  console.log(`${messages} messages, ${COMMITTERS} committers, ${seconds.toFixed(2)} s`)
  console.log(`${Math.round(messages / seconds)} messages/s`)
  console.log(`${((user + system) / messages).toFixed(1)} µs CPU a message`)
  console.log(`  user ${(user / messages).toFixed(1)}, system ${(system / messages).toFixed(1)}`)
} finally {
  rmSync(folder, { recursive: true })
}

async function run(journal: Journal, count: number): Promise<void> {
  let left = count
  const commit = async () => {
    while (left-- > 0) {
      const message = sampleMessage(journal.newId(), clock.now(), { size: CONTENT_OCTETS })
      const draft = journal.begin()
      await draft.write(Buffer.alloc(CONTENT_OCTETS, 'x'))
      const recipients = await draft.commit(message, SIGNATURE, sampleReceived(message))
      for (const recipient of recipients)
        await journal.record([sampleDelivered(recipient, clock.now())])
    }
  }
  await Promise.all(Array.from({ length: COMMITTERS }, commit))
}
