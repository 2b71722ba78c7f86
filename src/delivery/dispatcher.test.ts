// SPDX-License-Identifier: Apache-2.0
/** Mail on its way from the journal to an outcome where no receiver is reached; the rest is tested with real ones, in scenarios. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answered, dispatcherRig, pass, settle } from '../../test/support/dispatcher-rig.ts'
import { submit } from '../../test/support/spool-rig.ts'
import { hours, minutes, plus, seconds } from '../base/brand.ts'

test('Mail to a domain that does not exist bounces, by our routing', async () => {
  await using relay = await dispatcherRig({ kind: 'no-such-domain', ttl: 60_000 })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  const [, bounced] = await relay.events(2)
  assert.equal(bounced?.type, 'message.bounced')
  assert.equal(bounced?.type === 'message.bounced' && bounced.by, 'routing')
})

test('While the DNS fails mail is tried again by the schedule of its stream', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  await settle()
  relay.clock.advance(seconds(33))
  const [, , second] = await relay.events(3)
  assert.equal(second?.type, 'message.deferred')
  assert.equal(second?.type === 'message.deferred' && second.attempt, 2)
})

test('After a start everything that waits is tried when it is due', async () => {
  await using relay = await dispatcherRig({ kind: 'no-such-domain', ttl: 60_000 })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.spool.giveBack(recipients)
  relay.dispatcher.start()
  relay.clock.advance(seconds(1))
  const [, bounced] = await relay.events(2)
  assert.equal(bounced?.type, 'message.bounced')
})

test('Mail of a suspended queue is not tried, and expires all the same', async () => {
  await using relay = await dispatcherRig({ kind: 'no-such-domain', ttl: 60_000 })
  relay.suspensions.push({ queue: '*' })
  relay.dispatcher.start()
  const now = relay.clock.now()
  const { recipients } = await submit(relay.spool, now, { expiresAt: plus(now, seconds(30)) })
  relay.dispatcher.enqueue(recipients)
  relay.clock.advance(seconds(10))
  await settle()
  relay.clock.advance(minutes(1))
  const [, expired] = await relay.events(2)
  assert.equal(expired?.type, 'message.expired')
  assert.equal(expired?.type === 'message.expired' && expired.attempts, 0)
})

test('A clock that is set back by hours makes nobody wait for hours more', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' }, minutes(60))
  relay.dispatcher.start()
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  relay.clock.jump(hours(-6))
  const [, , second] = await relay.events(3)
  assert.equal(second?.type === 'message.deferred' && second.attempt, 2)
  assert.ok(relay.clock.monotonic() < minutes(90), 'it came when its hour was over')
})

test('A clock that is set forward by hours costs each recipient one early attempt, and then its schedule holds', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' }, minutes(60))
  relay.dispatcher.start()
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  relay.clock.jump(hours(6))
  await pass(relay.clock, minutes(30))
  assert.equal(await relay.attempts(), 2)
  // A mark of `attempts` is among them.
  await relay.events(5)
  const passed = relay.clock.monotonic()
  assert.ok(passed > minutes(54), `the next came after ${passed} ms, less than the schedule's hour`)
})

test('The end waits for no answer of the DNS, and whom a late one names is not called', async () => {
  const asked = Promise.withResolvers<Answered>()
  await using relay = await dispatcherRig(asked.promise)
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.stop()
  const records = [{ preference: 10, exchange: 'mx.example.net' }]
  asked.resolve({ kind: 'found', records, ttl: 60_000 })
  await settle()
  assert.equal(relay.calls(), 0)
})

test('At the end nothing that waits is looked through once more', async () => {
  await using relay = await dispatcherRig({ kind: 'failed', text: 'SERVFAIL' }, minutes(60))
  relay.dispatcher.start()
  const now = relay.clock.now()
  const { recipients } = await submit(relay.spool, now, { expiresAt: plus(now, seconds(1)) })
  relay.spool.giveBack(recipients)
  relay.clock.advance(seconds(5))
  await relay.stop()
  assert.equal(relay.spool.waitingCount(), 1)
})
