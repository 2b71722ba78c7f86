// SPDX-License-Identifier: Apache-2.0
/**
 * What the journal costs by itself: 20 committers accept messages of 4 KiB and record that each was delivered.
 * Prints messages a second and CPU microseconds a message, all threads counted.
 *
 *   npm run bench:journal -- [--help]
 */
import { days } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { SystemRandom } from '../src/base/random.ts'
import { journalId } from '../src/events/ids.ts'
import { type Journal, openJournal } from '../src/platform/journal/open-journal.ts'
import { sampleDelivered, sampleMessage, sampleReceived } from '../test/support/mail-samples.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, workFolder } from './command-line.ts'

const COMMITTERS = 20
const CONTENT_OCTETS = 4 * 1_024
const SIGNATURE = Buffer.alloc(600, 'd')

const values = commandLine(
  `Usage: npm run bench:journal -- [options]
  --messages <n>        after at most 2,000 to warm up (default 20000)`,
  { messages: { type: 'string', default: '20000' } },
)
const messages = wholeNumber('messages', values.messages)
const clock = new SystemClock()
using folder = workFolder(values.dir, 'journal')
await using journal = await openJournal({
  folder: folder.path,
  journal: journalId(1),
  node: 'bench',
  clock,
  random: new SystemRandom(),
  log: silentLog,
  onFatal: () => {},
  retention: { failed: () => days(7), events: days(30) },
})
await run(journal, Math.min(messages, 2_000))
const cpu = process.cpuUsage()
const started = clock.monotonic()
await run(journal, messages)
const { user, system } = process.cpuUsage(cpu)
const seconds = (clock.monotonic() - started) / 1_000
const result = {
  messages,
  seconds,
  perSecond: messages / seconds,
  userMicros: user / messages,
  systemMicros: system / messages,
}
if (values.json) console.log(JSON.stringify(result))
else {
  const all = result.userMicros + result.systemMicros
  console.log(`${messages} messages, ${COMMITTERS} committers, ${seconds.toFixed(2)} s`)
  console.log(`${result.perSecond.toFixed(0)} messages/s`)
  console.log(`${all.toFixed(1)} µs CPU a message`)
  console.log(`  user ${result.userMicros.toFixed(1)}, system ${result.systemMicros.toFixed(1)}`)
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
