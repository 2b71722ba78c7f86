// SPDX-License-Identifier: Apache-2.0
/** `posthaste verify` on the data directory of a real relay: it names each damage, and changes nothing. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DataDirectory, flip, type Verdict } from '../support/data-directory.ts'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RelayProcess } from '../support/relay-process.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

/** More than a record holds inline. */
const LARGE = 'A line of a long letter.\r\n'.repeat(12_000)

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let held: readonly string[]
let large: string

before(async () => {
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({ domains: ['shop.example'], config: routeTo(sink.port) }),
  )
  const sent = await send(relay, { to: ['ann@quick.test'] })
  await outcomeOf(relay, sent, 'delivered')
  await relay.json('queue', 'suspend', '*@held.test', '--reason', 'a test')
  held = [
    await send(relay, { to: ['one@held.test'] }),
    await send(relay, { to: ['two@held.test', 'three@held.test'] }),
  ]
  large = await send(relay, { to: ['four@held.test'], text: LARGE })
  await relay.stop()
})

after(() => running.disposeAsync())

/** Damage is named, the exit code says so, and nothing is changed. */
async function namesDamage(data: DataDirectory, ...expected: readonly RegExp[]): Promise<Verdict> {
  const before = data.fingerprint()
  const verdict = await data.verify()
  assert.equal(verdict.code, 65, verdict.stdout)
  assert.match(verdict.stderr, /"code":"RLY_DATA_DAMAGED"/)
  for (const one of expected)
    assert.ok(
      verdict.problems.some((problem) => one.test(problem)),
      `${one} is not among\n${verdict.problems.join('\n')}`,
    )
  assert.equal(data.fingerprint(), before)
  return verdict
}

/** After repair it is sound, and a relay that is started on it delivers `count` held recipients. */
async function isRepaired(data: DataDirectory, count: number): Promise<Verdict> {
  const verdict = await data.verify('--repair')
  assert.equal(verdict.code, 0, verdict.stdout)
  assert.equal((await data.verify()).code, 0)
  assert.equal(verdict.verified.journals[0]?.waiting, count)
  const known = sink.messages.length
  const started = await RelayProcess.start(data.configFile)
  try {
    await data.cli('queue', 'resume', '*@held.test')
    await untilSink(known, count)
  } finally {
    await started.stop()
  }
  assert.equal((await data.verify()).code, 0)
  return verdict
}

async function untilSink(known: number, recipients: number): Promise<void> {
  const count = () =>
    sink.messages.slice(known).reduce((sum, message) => sum + message.recipients.length, 0)
  await until(
    () => count() >= recipients,
    () => `${count()} of ${recipients} arrived`,
  )
}

test('a sound directory is said to be sound, with what is in it', async () => {
  const data = new DataDirectory(relay)
  const before = data.fingerprint()
  const { code, verified, stderr } = await data.verify()
  assert.equal(code, 0, stderr)
  const [journal] = verified.journals
  assert.equal(journal?.messages, 4)
  assert.equal(journal?.waiting, 4)
  assert.equal(journal?.content.needed, 1)
  assert.deepEqual(journal?.leftovers, [])
  assert.equal(verified.store.signingKeys, 2)
  assert.equal(data.fingerprint(), before)
  const { stdout } = await data.cli('verify')
  assert.match(stdout, /index +sound/)
  assert.match(stdout, /is sound\.\n$/)
})

test('a flipped octet of a mail record is named with its place; repair sets it aside and delivers the rest', async () => {
  const data = new DataDirectory(relay)
  const segment = data.segment('mail')
  flip(segment, readFileSync(segment).indexOf(held[0] ?? ''))
  await namesDamage(
    data,
    /^record journal-00001\/mail-\d+\.seg:\d+ \d+ octets of mail record \d+ are damaged/,
    /^index .*: nobody of that number waits/,
  )
  const { verified } = await isRepaired(data, 3)
  assert.match(verified.journals[0]?.mended[0]?.what ?? '', /of mail record \d+ are damaged/)
  assert.match(verified.journals[0]?.repaired.join() ?? '', /set aside in corrupt\/mail-/)
})

test('a truncated segment is named; repair keeps what is whole', async () => {
  const data = new DataDirectory(relay)
  const segment = data.segment('mail')
  truncateSync(segment, readFileSync(segment).indexOf(held[1] ?? '') + 10)
  await namesDamage(
    data,
    /^record .*mail-\d+\.seg:\d+ \d+ octets of mail record \d+ are damaged: it is cut short/,
    /^index .*mail record \d+ is not at \d+ of mail segment/,
  )
  await isRepaired(data, 1)
})

test('events that are missing at the end are noticed by the index that had read them', async () => {
  const data = new DataDirectory(relay)
  const segment = data.segment('event')
  truncateSync(segment, 128)
  await namesDamage(data, /^index .*it is at \d+, and the journal ends at \d+/)
})

test('a missing or short content file is named, and is what no repair mends', async () => {
  const data = new DataDirectory(relay)
  const file = join(data.journal, 'content', large)
  truncateSync(file, 100)
  await namesDamage(data, new RegExp(`^content .*${large}: has 100 octets instead of \\d+`))
  rmSync(file)
  await namesDamage(data, new RegExp(`^content .*${large}: is missing`))
  const repaired = await data.verify('--repair')
  assert.equal(repaired.code, 65)
  assert.match(repaired.stderr, /that no repair mends/)
})

test('rows that are missing from the index are named; repair brings them back', async () => {
  const data = new DataDirectory(relay)
  data.changeIndex('delete from recipient; delete from file')
  const verdict = await namesDamage(
    data,
    new RegExp(`^index .*recipient 0 of message ${held[0]} waits and has no row`),
    /^index .*queue .* counts \d rows and has 0/,
    new RegExp(`^index .*content ${large} is not known`),
  )
  assert.equal(verdict.verified.journals[0]?.waiting, 4)
  await isRepaired(data, 4)
})

test('rows that nobody waits for are named; repair removes them', async () => {
  const data = new DataDirectory(relay)
  data.changeIndex(
    'insert into recipient select number + 7, lane, due, attempts, delay, attempt from recipient limit 1',
  )
  await namesDamage(
    data,
    /^index .*row \d+, recipient 7 of message \w+: nobody of that number waits/,
  )
  await isRepaired(data, 4)
})

test('an index of garbage is named; repair makes it anew', async () => {
  const data = new DataDirectory(relay)
  writeFileSync(join(data.journal, 'index.sqlite'), 'x'.repeat(5_000))
  const { verified } = await namesDamage(data, /^index .*cannot be used: file is not a database/)
  assert.equal(verified.journals[0]?.index.position, null)
  await isRepaired(data, 4)
})

test('headers that are all damaged are named, and repair leaves the segments alone', async () => {
  const data = new DataDirectory(relay)
  for (const name of readdirSync(data.journal).filter((one) => one.endsWith('.seg')))
    for (const at of [0, 64]) flip(join(data.journal, name), at)
  await namesDamage(data, /^segment .*both copies of the header are damaged/)
  const before = data.fingerprint()
  assert.equal((await data.verify('--repair')).code, 65)
  assert.equal(data.fingerprint(), before)
})
