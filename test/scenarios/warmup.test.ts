// SPDX-License-Identifier: Apache-2.0
/** A source that is warmed up at a provider: it sends what it may, says what it waits for, and a person can step in. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WarmUpAnswer, WarmUpDetails } from '../../src/api/resources/warm-up-fields.ts'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const RULES = `[[provider]]
name = "testmail"
mx_suffix = [".testmail.example"]
samples = ["mx.testmail.example"]
`

const ZONE = 'one.example MX 10 mx.testmail.example\nmx.testmail.example A 127.0.0.1'

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay

before(async () => {
  sink = running.use(await startSink())
  const zone = running.use(await ZoneServer.start({ zone: ZONE }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${namesFrom(zone)}[delivery]\nport = ${sink.port}\nshaping = "rules"\n`,
      files: { 'rules/own.toml': RULES },
      // Else receipts pass beside the allowance.
      commands: [['stream', 'change', 'transactional', '--when-cold', 'wait']],
    }),
  )
})

after(() => running.disposeAsync())

/** Asks until what is promised has come; a command takes a while by itself. */
async function comes(check: () => Promise<boolean> | boolean): Promise<void> {
  for (let asked = 0; asked < 100; asked++) {
    if (await check()) return
    await relay.json('warmup', 'list')
  }
  assert.fail('it has not come')
}

const warmup = (...words: readonly string[]) => relay.json('warmup', ...words)

async function whatWaits(): Promise<string> {
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  return queues[0]?.because ?? ''
}

test('What is not there cannot be warmed up, and the nearest name is given', async () => {
  const wrong = await relay.cli('warmup', 'start', 'defalt', 'testmail')
  assert.match(wrong.stderr, /there is no source "defalt"; did you mean "default"\?/)
  const other = await relay.cli('warmup', 'start', 'default', 'testmial')
  assert.match(other.stderr, /there is no provider "testmial"; did you mean "testmail"\?/)
  const none = await relay.cli('warmup', 'start', 'default', 'testmail', '--schedule', 'sparkpst')
  assert.match(none.stderr, /did you mean "sparkpost"\?/)
  const volume = await relay.cli('warmup', 'set', 'default', 'testmail', 'much')
  assert.match(volume.stderr, /"much" is no volume: expected messages a day, or "warm"/)
})

test('An allowance lets mail go by and by; the queue list and explain name the warm-up', async () => {
  const begun = (await warmup(
    'start',
    'default',
    'testmail',
    '--schedule',
    'hyvor',
  )) as WarmUpAnswer
  assert.equal(begun.allowance, 50)
  assert.equal(begun.state, 'advancing')
  const twice = await relay.cli('warmup', 'start', 'default', 'testmail')
  assert.match(twice.stderr, /default is being warmed up at testmail already/)
  const { paths } = (await relay.json('explain', 'ann@one.example')) as Explanation
  const limit = paths[0]?.shaping.limits.find(({ name }) => name === 'warm-up')
  assert.deepEqual(limit, { name: 'warm-up', value: '50/d', origin: 'the warm-up (advancing)' })
  await outcomeOf(relay, await send(relay, { to: ['ann@one.example'] }), 'delivered')
  await send(relay, { to: ['ben@one.example'] })
  await comes(async () => /^warm-up 50\/d, again at 20\d\d-/.test(await whatWaits()))
  const { sites } = (await relay.json('queue', 'list')) as QueueList
  assert.equal(sites[0]?.paths[0]?.shaping?.binds, 'warm-up 50/d')
})

test('A person pauses, resumes, and says that it is warm; what waited goes at once', async () => {
  const paused = (await warmup(
    'pause',
    'default',
    'testmail',
    '--reason',
    'a look at it',
  )) as WarmUpAnswer
  assert.deepEqual([paused.state, paused.allowance, paused.pausedUntil], ['paused', 0, null])
  await comes(async () => /^warm-up paused/.test(await whatWaits()))
  await warmup('resume', 'default', 'testmail')
  const again = await relay.cli('warmup', 'resume', 'default', 'testmail')
  assert.match(again.stderr, /is not paused, but holding/)
  const warm = (await warmup('set', 'default', 'testmail', 'warm')) as WarmUpAnswer
  assert.deepEqual([warm.state, warm.allowance], ['warm', null])
  await comes(() => sink.messages.some(({ recipients }) => recipients.includes('ben@one.example')))
})

test('Each decision is an event in words, and the warm-up shows them beside a chart of its days', async () => {
  const found = (await warmup('show', 'default', 'testmail')) as WarmUpDetails
  assert.deepEqual(
    found.decisions.map(({ kind }) => kind),
    ['started', 'paused', 'resumed', 'warm'],
  )
  assert.equal(found.days.length, 1)
  const { stdout } = await relay.cli('warmup', 'show', 'default', 'testmail')
  assert.match(stdout, /ALLOWED +DEFERRED/)
  assert.match(stdout, /Paused by .* at Testmail: a look at it\./)
  await comes(async () => {
    const { stdout: events } = await relay.cli('events', '--type', 'warmup.*')
    return /warmup\.paused.*default: Paused by .* at Testmail: a look at it/.test(events)
  })
})

test('Warm-ups are of the installation: a key of a tenant reaches none', async () => {
  const secret = await relay.newKey('default', 'setup')
  for (const path of ['/warm-ups', '/warm-ups/default/testmail', '/warm-ups/default/nothing']) {
    const answer = await relay.ask('GET', path, secret)
    assert.equal(answer.status, 403, path)
  }
})

test('One that is removed limits nothing any more', async () => {
  await warmup('set', 'default', 'testmail', '50')
  await warmup('remove', 'default', 'testmail')
  assert.deepEqual(await warmup('list'), [])
  for (const name of ['cleo', 'dan'])
    await outcomeOf(relay, await send(relay, { to: [`${name}@one.example`] }), 'delivered')
})
