// SPDX-License-Identifier: Apache-2.0
/** Receivers that take less than the rules allow, in their own words: less goes, of what they complained of, and people can see it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { yahooReplies } from '../../src/app/sink/receiver-replies.ts'
import { generous, type Temperament } from '../../src/app/sink/temperament.ts'
import { seconds } from '../../src/base/brand.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import type { Event } from '../../src/events/event.ts'
import type { LimitEvent } from '../../src/events/limit-event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

function relayTo(port: number, connections: number): Promise<RunningRelay> {
  return RunningRelay.start({
    domains: ['shop.example'],
    config: `${routeTo(port)}[delivery]\nconnections_per_site = ${connections}\n[retry]\nsite_rest = ["500ms"]\n`,
  })
}

/** All of them at once, however long it takes to hand them in. */
async function sendMany(relay: RunningRelay, count: number): Promise<void> {
  const to = (at: number) => [`user${at}@busy.example`]
  await relay.json('queue', 'suspend', '*@busy.example', '--reason', 'all at once')
  const ids = await Promise.all(
    Array.from({ length: count }, (_, at) => send(relay, { to: to(at) })),
  )
  await relay.json('queue', 'resume', '*@busy.example')
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
}

function isLimit(event: Event): event is LimitEvent {
  return event.type === 'limit.lowered'
}

async function learned(relay: RunningRelay, name: string) {
  const { paths } = (await relay.json('explain', 'ann@busy.example')) as Explanation
  return paths[0]?.shaping.limits.find((limit) => limit.name === name)
}

const cases: readonly {
  readonly what: string
  readonly connections: number
  readonly temperament: Partial<Temperament>
  readonly limit: LimitEvent['limit']
  readonly value: RegExp
}[] = [
  {
    what: 'Too many connections lower connections to those that were taken',
    connections: 10,
    temperament: { connections: 2 },
    limit: 'connections',
    value: /^[12]$/,
  },
  {
    what: 'Too many messages on a connection lower those to what went through one',
    connections: 2,
    temperament: { messagesPerConnection: 3, replies: yahooReplies },
    limit: 'messages_per_connection',
    value: /^3$/,
  },
  {
    what: 'A throttled path sends half of what it sent, though no rule limits it',
    connections: 10,
    temperament: { messageRate: { count: 20, per: seconds(1) }, replies: yahooReplies },
    limit: 'message_rate',
    value: /^\d+\/(?:min|h)$/,
  },
]

for (const { connections, limit, temperament, value, what } of cases)
  test(`${what}, and all mail arrives`, async () => {
    await using sink = await startSink({ temperament: { ...generous, ...temperament } })
    await using relay = await relayTo(sink.port, connections)
    await sendMany(relay, 30)
    const event = (await relay.waitForEvent(isLimit)) as LimitEvent
    assert.equal(event.limit, limit)
    assert.match(event.after ?? '', value)
    assert.match(event.words, /^421 /)
    assert.ok(event.text.includes(`${limit} lowered from `), event.text)
    const row = await learned(relay, limit)
    assert.match(row?.value ?? '', value)
    assert.match(row?.origin ?? '', /^learned: .*since 421 /)
  })

test('What was learned holds after a restart', async () => {
  await using sink = await startSink({ temperament: { ...generous, connections: 2 } })
  await using relay = await relayTo(sink.port, 10)
  await sendMany(relay, 30)
  const before = await learned(relay, 'connections')
  assert.match(before?.origin ?? '', /^learned: /)
  await relay.stop()
  await relay.restart()
  assert.deepEqual(await learned(relay, 'connections'), before)
})

test('A complaint about the domain of a tenant slows that tenant at the provider, and no path', async () => {
  const words = 'Gmail has detected an unusual rate of mail originating from your DKIM domain'
  await using receiver = await ScriptedReceiver.start(
    polite({
      answer: (line) => (line.startsWith('RCPT TO:<no') ? `451 4.7.28 ${words}` : undefined),
    }),
  )
  await using relay = await relayTo(receiver.port, 10)
  const first = await send(relay, { to: ['yes@busy.example'] })
  await outcomeOf(relay, first, 'delivered')
  await outcomeOf(relay, await send(relay, { to: ['no@busy.example'] }), 'deferred')
  const { campaign, limit, source, tenant, text } = await relay.waitForEvent(isLimit)
  assert.deepEqual([tenant, campaign, source, limit], ['default', null, null, 'message_rate'])
  assert.match(text, /^of tenant default at .*: message_rate lowered from no limit to \d+\//)
  const { flows, paths } = (await relay.json('explain', 'ann@busy.example')) as Explanation
  assert.match(flows[0]?.whose ?? '', /^of tenant default at /)
  assert.match(flows[0]?.origin ?? '', /^learned: since 451 4.7.28 Gmail/)
  assert.equal(paths[0]?.state, 'open')
})
