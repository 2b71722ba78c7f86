// SPDX-License-Identifier: Apache-2.0
/** Pools: whose mail goes from which source, what helps where none of these may send, and a receiver that wants one of them not. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { namesFrom, routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, send, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']

function source(name: string, address: string): string {
  return `[[source]]\nname = "${name}"\naddress = "${address}"\nehlo = "${name}.example.com"\n`
}

const sources = source('own', '127.0.0.31') + source('spare', '127.0.0.32')

test('Mail goes from the pool of its tenant, and from the overflow pool where that may send no more', async () => {
  await using sink = await startSink({})
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(sink.port)}${sources}
[[pool]]
name = "dedicated"
source = [{ name = "own" }]
overflow = "default"
tenant = ["default"]
[delivery]
shaping = "rules"
`,
    files: { 'rules/own.toml': '[[source]]\nsource = ["own"]\nmessage_rate = "1/d"\n' },
  })
  const from: string[] = []
  for (let at = 0; at < 3; at++) {
    const id = await send(relay, { to: [`user${at}@example.net`] })
    const delivered = await outcomeOf(relay, id, 'delivered')
    from.push(delivered.source)
  }
  assert.deepEqual(from, ['own', 'spare', 'spare'])
})

test('A receiver that blocks one source gets the mail from another, and nobody is suppressed', async () => {
  await using receiver = await ScriptedReceiver.start(
    polite({
      answer: (line, peer) =>
        line.startsWith('RCPT ') && peer.received.includes('own.example.com')
          ? '550 5.7.1 Client host [127.0.0.31] blocked using dnsbl.example'
          : undefined,
    }),
  )
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(receiver.port)}${sources}
[[pool]]
name = "default"
source = [{ name = "own", weight = 1000 }, { name = "spare" }]
[retry]
site_rest = ["300ms", "1h"]
`,
  })
  const id = await send(relay, { to: ['ann@example.net'] })
  const deferred = await outcomeOf(relay, id, 'deferred')
  assert.equal(deferred.source, 'own')
  const delivered = await outcomeOf(relay, id, 'delivered')
  assert.equal(delivered.source, 'spare')
  const rested = await relay.waitForEvent((event: Event) => event.type === 'path.backoff')
  assert.match('text' in rested ? rested.text : '', /from source own .*blocked using dnsbl/)
  const { items } = (await relay.json('suppression', 'list')) as { items: unknown[] }
  assert.deepEqual(items, [])
})

/** Returns the message id. */
async function sendCampaign(relay: RunningRelay, campaign: string, to: string): Promise<string> {
  const content = `X-Posthaste-Campaign: ${campaign}\r\n${messageText()}`
  const reply = await sendBySmtp(relay, {
    mail: '<orders@shop.example>',
    rcpt: [`<${to}>`],
    content,
  })
  return /[0-9A-Z]{26}/.exec(reply)?.[0] ?? assert.fail(reply)
}

test('Rules send a campaign, and what goes to a provider, from another pool; what waits follows a reload', async () => {
  await using sink = await startSink()
  const zone = 'gmail.example MX 10 mx.big.example\nmx.big.example A 127.0.0.1\n'
  await using names = await ZoneServer.start({ zone })
  const rules = `[[pool_rule]]
pool = "sale"
campaign = ["spring*"]
[[pool_rule]]
pool = "sale"
provider = ["big"]
stream = ["bulk"]
`
  await using relay = await RunningRelay.start({
    domains,
    config: `${trustLoopback}${routeTo(sink.port, 'example.net')}${namesFrom(names)}${sources}
[[pool]]
name = "default"
source = [{ name = "own" }]
[[pool]]
name = "sale"
source = [{ name = "spare" }]
[delivery]
shaping = "rules"
port = ${sink.port}
`,
    files: { 'rules/own.toml': '[[provider]]\nname = "big"\nmx_host = ["mx.big.example"]\n' },
  })
  const waits = await sendCampaign(relay, 'spring-27', 'tempfail@example.net')
  assert.equal((await outcomeOf(relay, waits, 'deferred')).source, 'own')
  appendFileSync(relay.configFile, rules)
  relay.signal('SIGHUP')
  while (!relay.log.includes('was read again and is in force')) await relay.readiness()
  await relay.json('queue', 'retry', '*')
  await relay.waitForEvent((event) => event.type === 'message.deferred' && event.source === 'spare')
  const sourceOf = async (id: string) => (await outcomeOf(relay, id, 'delivered')).source
  assert.equal(await sourceOf(await sendCampaign(relay, 'spring-28', 'ann@example.net')), 'spare')
  assert.equal(await sourceOf(await sendCampaign(relay, 'autumn', 'ann@example.net')), 'own')
  const bulk = await send(relay, { to: ['ann@gmail.example'], stream: 'bulk' })
  assert.equal(await sourceOf(bulk), 'spare')
  assert.equal(await sourceOf(await send(relay, { to: ['ann@gmail.example'] })), 'own')
  const { poolRules } = (await relay.json('explain', 'ann@gmail.example')) as Explanation
  assert.deepEqual(poolRules, [
    { place: 1, pool: 'sale', whose: 'campaign spring*' },
    { place: 2, pool: 'sale', whose: 'stream bulk' },
  ])
  const { stdout } = await relay.cli('explain', 'ann@example.net')
  assert.match(stdout, /^campaign spring\* goes from pool sale, as \[\[pool_rule\]\] 1 says$/m)
  assert.doesNotMatch(stdout, /stream bulk/)
  const told = async (...words: readonly string[]) =>
    (await relay.json('explain', ...words)) as Explanation
  const both = await told('ann@gmail.example')
  assert.deepEqual(
    both.pools.map(({ pool, streams }) => [pool, streams]),
    [
      ['default', ['transactional:default']],
      ['sale', ['bulk:default']],
    ],
  )
  assert.deepEqual(
    both.paths.map(({ pool, source }) => [pool, source]),
    [
      ['default', 'own'],
      ['sale', 'spare'],
    ],
  )
  const one = await told('ann@gmail.example', '--stream', 'bulk', '--tenant', 'default')
  assert.deepEqual([one.pools[0]?.pool, one.pools[0]?.streamCount], ['sale', 1])
  const waiting = await told('tempfail@example.net', '--campaign', 'spring-27')
  assert.deepEqual(
    waiting.pools.map((row) => [row.pool, row.streamCount, row.waiting]),
    [
      ['sale', 2, 1],
      ['default', 0, 0],
    ],
  )
  assert.match(stdout, /^sale +none +1$/m)
  assert.match(stdout, /^default +own .*open$/m)
  assert.match(
    (await relay.cli('explain', 'ann@example.net', '--stream', 'bulc')).stderr,
    /no stream "bulc"; did you mean "bulk"/,
  )
})

test('A rule that names what is not there is refused, with what may be meant', async () => {
  await using relay = await RunningRelay.start({ domains })
  const check = async (rule: string) => {
    const before = readFileSync(relay.configFile)
    appendFileSync(relay.configFile, `[[pool_rule]]\npool = "default"\n${rule}\n`)
    const { code, stderr } = await relay.cli('config', 'check')
    writeFileSync(relay.configFile, before)
    return `${code} ${stderr}`
  }
  assert.match(await check('stream = ["bulk"]'), /^0 /)
  assert.match(
    await check('stream = ["bulc"]'),
    /^78 .*pool_rule\.stream: no stream "bulc"; did you mean "bulk"/,
  )
  assert.match(await check('tenant = ["defualt"]'), /no tenant "defualt"; did you mean "default"/)
  assert.match(
    await check('provider = ["gogle"]'),
    /no shaping rule names a provider "gogle"; did you mean "google"/,
  )
})
