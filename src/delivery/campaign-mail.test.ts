// SPDX-License-Identifier: Apache-2.0
/** What is decided about campaigns, on the way of their mail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dispatcherRig, pass, stopped } from '../../test/support/dispatcher-rig.ts'
import { submit } from '../../test/support/spool-rig.ts'
import { hours, minutes, plus } from '../base/brand.ts'

test('A paused campaign sends nothing until it is resumed; mail of another goes', async () => {
  await using relay = await dispatcherRig({ kind: 'no-such-domain', ttl: 60_000 })
  relay.dispatcher.start()
  relay.decide({ kind: 'paused', ...stopped })
  const now = relay.clock.now()
  const held = await submit(relay.spool, now, { tenant: 'acme', campaign: 'spring' })
  const other = await submit(relay.spool, now, { tenant: 'acme', campaign: 'summer' })
  relay.dispatcher.enqueue([...held.recipients, ...other.recipients])
  const [, , first] = await relay.events(3)
  assert.equal(first?.type === 'message.bounced' && first.messageId, other.message.id)
  assert.match(relay.dispatcher.whyStopped('bulk.spring:acme@x.example') ?? '', /paused by ann/)
  relay.decide({ kind: 'running' })
  const [, , , second] = await relay.events(4)
  assert.equal(second?.type === 'message.bounced' && second.messageId, held.message.id)
})

test('Mail of a campaign waits for its window, also when that has been set or has closed meanwhile, and goes when it opens', async () => {
  await using relay = await dispatcherRig({ kind: 'no-such-domain', ttl: 60_000 })
  relay.dispatcher.start()
  const { clock } = relay
  const minuteOf = (at: number) => new Date(at).toISOString().slice(11, 16)
  // Long, for time flies while a disk syncs.
  const [opens, closes] = [plus(clock.now(), minutes(30)), plus(clock.now(), hours(9))]
  relay.decide({ kind: 'running' }, `${minuteOf(opens)}-${minuteOf(closes)} UTC`)
  const label = { tenant: 'acme', campaign: 'spring' }
  const first = await submit(relay.spool, clock.now(), label)
  relay.dispatcher.enqueue(first.recipients)
  assert.match(
    relay.dispatcher.whyStopped('receipts.spring:acme@example.net') ?? '',
    /^the window of its campaign \(.* UTC\), which opens at /,
  )
  await pass(clock, minutes(29))
  assert.equal(await relay.ends(), 0)
  // A mark of `ends` is among them.
  const [, , gone] = await relay.events(3)
  assert.equal(gone?.type, 'message.bounced')
  assert.ok(clock.now() >= opens - 60_000 && clock.now() < closes, 'it went when the window opened')
  await pass(clock, hours(9))
  const second = await submit(relay.spool, clock.now(), label)
  relay.dispatcher.enqueue(second.recipients)
  await pass(clock, minutes(1))
  const opened = clock.now()
  relay.decide({ kind: 'running' })
  const last = (await relay.events(5)).at(-1)
  assert.equal(last?.type === 'message.bounced' && last.messageId, second.message.id)
  assert.ok(Date.parse(last?.at ?? '') >= opened, 'it waited while the window was closed')
})

test('All mail of a cancelled campaign ends with an event, what waits for its time and what comes too late as well', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' }, hours(10))
  relay.dispatcher.start()
  const label = { tenant: 'acme', campaign: 'spring' }
  const early = await submit(relay.spool, relay.clock.now(), label)
  relay.dispatcher.enqueue(early.recipients)
  await relay.events(2)
  relay.decide({ kind: 'cancelled', ...stopped })
  const late = await submit(relay.spool, relay.clock.now(), label)
  relay.dispatcher.enqueue(late.recipients)
  const ends = (await relay.events(5)).filter((event) => event.type === 'message.cancelled')
  assert.deepEqual(
    new Set(ends.map(({ messageId, by }) => `${messageId} ${by}`)),
    new Set([`${early.message.id} ann`, `${late.message.id} ann`]),
  )
})

test('A process that starts anew goes on to end what was cancelled', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' }, hours(10))
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, at) =>
      submit(relay.spool, relay.clock.now(), {
        ...{ tenant: 'acme', campaign: 'spring' },
        recipients: Array.from({ length: 90 }, (_, to) => `user${to}@d${at % 2}.example`),
      }),
    ),
  )
  for (const { recipients } of all) relay.spool.giveBack(recipients)
  relay.decide({ kind: 'cancelled', ...stopped })
  relay.dispatcher.start()
  const events = await relay.events(455)
  assert.equal(events.filter(({ type }) => type === 'message.cancelled').length, 450)
})
