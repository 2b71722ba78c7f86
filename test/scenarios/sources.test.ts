// SPDX-License-Identifier: Apache-2.0
/** Sources of a relay with two workers: drained under load, resting, and with another address in the middle of a warm-up; no message is lost. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { SourceAnswer } from '../../src/api/resources/sources.ts'
import type { WarmUpAnswer } from '../../src/api/resources/warm-up-fields.ts'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DeliveredEvent, Event } from '../../src/events/event.ts'
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
const ZONE = `one.example MX 10 mx.testmail.example
mx.testmail.example A 127.0.0.1
42.100.51.9.in-addr.arpa PTR two.example.com
two.example.com A 9.51.100.42
2.0.0.127.list.example A 127.0.0.2
42.100.51.9.list.example A 127.0.0.4
2.0.0.127.other.example A 127.255.255.254`
const LISTS = `[[blocklist]]
name = "trap"
zone = "list.example"
[[blocklist]]
name = "other"
zone = "other.example"
`
const LOAD = 200
const TOGETHER = 20

function source(name: string, address: string): string {
  return `[[source]]\nname = "${name}"\naddress = "${address}"\nehlo = "${name}.example.com"\n`
}

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let sent = 0

before(async () => {
  sink = running.use(await startSink())
  const zone = running.use(await ZoneServer.start({ zone: ZONE }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      serve: ['--workers', '2'],
      config: `${namesFrom(zone)}[delivery]\nport = ${sink.port}\nshaping = "rules"\n${source('one', '127.0.0.41')}${source('two', '127.0.0.42')}public_address = "9.51.100.42"\n${LISTS}`,
      files: { 'rules/own.toml': RULES },
    }),
  )
})

after(() => running.disposeAsync())

const sourceDo = async (...words: readonly string[]) =>
  (await relay.json('source', ...words)) as SourceAnswer

async function sendOne(): Promise<string> {
  return send(relay, { to: [`user${sent++}@one.example`] })
}

/** Resolves with what became of each: all of them are delivered. */
async function delivered(ids: readonly string[]): Promise<readonly DeliveredEvent[]> {
  const open = new Set(ids)
  const events: DeliveredEvent[] = []
  await relay.waitForEvent((event: Event) => {
    if (event.type === 'message.delivered' && open.delete(event.messageId)) events.push(event)
    return open.size === 0
  })
  return events
}

/** Asks until what is promised has come; a command takes a while by itself. */
async function comes(check: () => Promise<boolean>): Promise<void> {
  for (let asked = 0; asked < 100; asked++) if (await check()) return
  assert.fail('it has not come')
}

async function whatWaits(): Promise<string> {
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  return queues[0]?.because ?? ''
}

test('Sources are listed with their pools, and what is none is refused', async () => {
  const { items } = { items: (await relay.json('source', 'list')) as readonly SourceAnswer[] }
  assert.deepEqual(
    items.map(({ address, name, pools, state }) => [name, address, state, pools[0]?.pool]),
    [
      ['one', '127.0.0.41', 'active', 'default'],
      ['two', '9.51.100.42', 'active', 'default'],
    ],
  )
  const wrong = await relay.cli('source', 'drain', 'tow')
  assert.match(wrong.stderr, /no source "tow"/)
  const idle = await relay.cli('source', 'resume', 'one')
  assert.match(idle.stderr, /one is active/)
})

test('A source is checked: its names lead back, a list has it, and one that does not let us ask says nothing', async () => {
  const { checks, flaws } = await sourceDo('check', 'two')
  assert.deepEqual(
    [checks?.address.state, checks?.reverse.state, checks?.ehlo.state],
    ['ok', 'ok', 'ok'],
  )
  assert.deepEqual(
    checks?.lists.map(({ list, state }) => `${list} ${state}`),
    ['trap listed', 'other refused'],
  )
  assert.deepEqual(flaws, ['trap has 9.51.100.42 (127.0.0.4)'])
  const listed = await relay.waitForEvent((event: Event) => event.type === 'source.listed')
  assert.equal('text' in listed && listed.text, 'two: trap has 9.51.100.42 (127.0.0.4)')
  const { checks: ofLoopback } = await sourceDo('check', 'one')
  assert.match(ofLoopback?.reverse.why ?? '', /127.0.0.41 is a loopback address/)
})

test('A source that is drained under load ends what it has in hand; all mail arrives, by the other', async () => {
  const ids: string[] = []
  let drain: Promise<SourceAnswer> | null = null
  for (let at = 0; at < LOAD; at += TOGETHER) {
    if (at === LOAD / 2) drain = sourceDo('drain', 'one', '--reason', 'to be replaced')
    ids.push(...(await Promise.all(Array.from({ length: TOGETHER }, sendOne))))
  }
  assert.match((await drain)?.state ?? '', /^drain(ing|ed)$/)
  const events = await delivered(ids)
  assert.equal(events.length, LOAD)
  assert.ok(events.some((event) => event.source === 'one'))
  const drained = await relay.waitForEvent((event: Event) => event.type === 'source.drained')
  assert.equal((await sourceDo('show', 'one')).connections, 0)
  const late = events.filter((event) => event.source === 'one' && event.at > drained.at)
  assert.deepEqual(late, [])
  assert.equal(sink.messages.length, sent, 'each once')
})

test('Mail whose only source is stopped waits, says so, and goes when one sends again', async () => {
  await sourceDo('rest', 'two', '--reason', 'a look at it')
  const id = await sendOne()
  await comes(async () => /^suspended by .*: the source is \w+: /.test(await whatWaits()))
  const resting = (await relay.json('source', 'list', '--state', 'resting')) as SourceAnswer[]
  assert.deepEqual(
    resting.map(({ name }) => name),
    ['two'],
  )
  const { paths } = (await relay.json('explain', 'ann@one.example')) as Explanation
  assert.match(paths[0]?.state ?? '', /^suspended by .*the source is drained: to be replaced$/)
  assert.match(paths[1]?.state ?? '', /^suspended by .*the source is resting: a look at it$/)
  await relay.cli('queue', 'retry', '*')
  assert.equal((await sourceDo('show', 'two')).waiting, 1, 'a retry sets no source going')
  await sourceDo('resume', 'two')
  assert.equal((await outcomeOf(relay, id, 'delivered')).source, 'two')
})

test('A rest with a time ends by itself', async () => {
  await sourceDo('rest', 'two', '--for', '1s')
  const id = await sendOne()
  assert.equal((await outcomeOf(relay, id, 'delivered')).source, 'two')
  const text = await relay.waitForEvent(
    (event: Event) => event.type === 'source.resumed' && /as was said/.test(event.text),
  )
  assert.ok(text)
  await sourceDo('resume', 'one')
})

test('An address that is replaced in the middle of a warm-up begins it anew; mail goes on, and none is lost', async () => {
  await relay.json('warmup', 'start', 'one', 'testmail', '--volume', '1000')
  const before = (await sourceDo('show', 'one')).warmUps[0]?.allowance ?? 0
  const ids: string[] = []
  for (let at = 0; at < 20; at++) ids.push(await sendOne())
  const text = readFileSync(relay.configFile, 'utf8').replace('127.0.0.41', '127.0.0.43')
  writeFileSync(relay.configFile, text)
  relay.signal('SIGHUP')
  for (let at = 0; at < 20; at++) ids.push(await sendOne())
  const said = await relay.waitForEvent((event: Event) => event.type === 'source.readdressed')
  assert.match('text' in said ? said.text : '', /its address is 127.0.0.43 now, and was 127.0.0.41/)
  await comes(async () => (await sourceDo('show', 'one')).address === '127.0.0.43')
  const warmUp = (await relay.json('warmup', 'show', 'one', 'testmail')) as WarmUpAnswer
  assert.ok(Number(warmUp.allowance) < before, `${warmUp.allowance} of ${before}`)
  assert.match(warmUp.lastDecision ?? '', /^Begun anew with/)
  await relay.json('warmup', 'set', 'one', 'testmail', 'warm')
  assert.equal((await delivered(ids)).length, ids.length)
  assert.equal(sink.messages.length, sent, 'each once')
})

test('Sources are of the installation: a key of a tenant reaches none', async () => {
  const secret = await relay.newKey('default', 'admin')
  for (const path of ['/sources', '/sources/one', '/sources/nothing']) {
    const answer = await relay.ask('GET', path, secret)
    assert.equal(answer.status, 403, path)
  }
})
