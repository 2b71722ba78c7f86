// SPDX-License-Identifier: Apache-2.0
/** Pools: whose mail goes from which source, what helps where none of these may send, and a receiver that wants one of them not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
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
