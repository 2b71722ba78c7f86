// SPDX-License-Identifier: Apache-2.0
/** What is kept of requests to an endpoint, what it never took, and sending it again. Their clock is turned. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { days, hours, ms } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import { callLimits } from '../../src/base/limits/webhook-limits.ts'
import { installationScope } from '../../src/records/tenant-scope.ts'
import { removeWebhook, showWebhook } from '../../src/records/webhooks/webhook-service.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'
import { WebhookRig } from '../support/webhook-rig.ts'

describe('Of an endpoint', () => {
  let rig: WebhookRig
  let receiver: WebhookReceiver

  beforeEach(async () => {
    rig = await WebhookRig.open()
    receiver = await WebhookReceiver.start()
    rig.turn(ms(100))
  })

  afterEach(async () => {
    await rig[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  const told = (count: number) =>
    receiver.until(({ events }) => events.length >= count, `${count} events`)
  const messagesOf = () => receiver.events.map((event) => 'messageId' in event && event.messageId)
  const isPoison = (event: object | undefined) =>
    event !== undefined && 'messageId' in event && event.messageId === 'poison'

  /** What it has done is in the ledger. */
  const written = () => rig.clock.sleep(ms(2_500))

  /** Days pass for what an endpoint never takes, while it takes all else. */
  async function makeDead(): Promise<void> {
    receiver.answer = ([event]) => (isPoison(event) ? { status: 422, body: 'no!' } : 204)
    rig.happen({ messageId: 'poison' })
    rig.happen({ messageId: 'good' })
    await told(1)
    await written()
    rig.clock.advance(days(4))
    const attempts = () => receiver.told.filter(({ events }) => isPoison(events[0])).length
    await receiver.until(() => attempts() >= 2, 'the last attempt')
    await written()
  }

  it('requests are kept with what it answered, and how long it took', async () => {
    let status = 500
    receiver.answer = () => ({ status, body: 'x'.repeat(5_000) })
    const { webhook } = await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await receiver.until(() => receiver.told.length === 1, 'one request')
    status = 200
    await told(1)
    await written()
    const { ledger } = rig.sender.look(webhook.id)
    const kept = ledger.attempts(webhook.id, null, 10)
    assert.deepEqual(
      kept.map((one) => [one.status, one.attempt, one.events.length, one.url, one.why]),
      [
        [200, 2, 1, receiver.url, null],
        [500, 1, 1, receiver.url, null],
      ],
    )
    assert.equal(kept[0]?.delivery, receiver.told[0]?.id)
    assert.equal(kept[0]?.answer.length, callLimits.keptAnswerOctets)
    assert.ok(kept.every(({ duration }) => duration >= 0))
    assert.deepEqual(
      ledger.attempts(webhook.id, kept[0]?.number ?? 0, 10).map(({ attempt }) => attempt),
      [1],
      'page by page',
    )
    const [event] = await rig.sender.eventsOf(kept[0] as never)
    assert.equal(event && 'messageId' in event && event.messageId, 'a')
  })

  it('no more is kept than the bound says', async () => {
    const { webhook } = await rig.add({ url: receiver.url })
    const count = callLimits.keptAttempts + 50
    for (let number = 0; number < count; number++) rig.happen({ messageId: `m${number}` })
    await told(count)
    await written()
    const { ledger } = rig.sender.look(webhook.id)
    const kept = ledger.attempts(webhook.id, null, 10_000)
    assert.equal(kept.length, callLimits.keptAttempts)
  })

  it('what it has not taken for three days is a dead letter, until somebody sends it again', async () => {
    const { webhook } = await rig.add({ url: receiver.url })
    await makeDead()
    const { ledger, sender } = rig.sender.look(webhook.id)
    const [letter] = ledger.dead(webhook.id, null, 10)
    assert.ok(letter)
    assert.equal(letter.why, 'it answered 422')
    assert.match(rig.announced.join(), /webhookDead: .* has not taken one request/)
    assert.equal(ledger.deadCount(webhook.id), 1)
    assert.equal(sender.waiting, 0)
    receiver.answer = () => 204
    assert.equal(rig.sender.askAgain(webhook.id, [letter.number + 1]), 0)
    assert.equal(rig.sender.askAgain(webhook.id, null), 1)
    await told(2)
    assert.deepEqual(messagesOf(), ['good', 'poison'])
    await written()
    assert.equal(ledger.deadCount(webhook.id), 0)
  })

  it('dead letters outlive a restart, also those that were asked for', async () => {
    const { webhook } = await rig.add({ url: receiver.url })
    await makeDead()
    rig.sender.askAgain(webhook.id, null)
    await rig.stop()
    receiver.answer = () => 204
    rig.start()
    await told(2)
    assert.deepEqual(messagesOf(), ['good', 'poison'])
  })

  it('everything since a time is sent again, with the same ids, and then what happens', async () => {
    const { webhook } = await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'old' })
    await told(1)
    rig.clock.advance(hours(1))
    const since = rig.clock.now()
    for (const messageId of ['a', 'b']) rig.happen({ messageId })
    await told(3)
    await rig.sender.goBack(webhook.id, since)
    rig.happen({ messageId: 'c' })
    await told(6)
    assert.deepEqual(messagesOf().slice(3).sort(), ['a', 'b', 'c'])
    const idsOf = (message: string) =>
      receiver.told
        .filter(
          ({ events: [event] }) => event && 'messageId' in event && event.messageId === message,
        )
        .map(({ id }) => id)
    assert.equal(new Set(idsOf('a')).size, 1)
    assert.equal(idsOf('old').length, 1)
  })

  it('a test says what came of it, and is kept', async () => {
    receiver.answer = () => ({ status: 418, body: 'a teapot' })
    const { webhook } = await rig.add({ url: receiver.url })
    await written()
    const done = await rig.sender.test(webhook, new AbortController().signal)
    assert.deepEqual([done.status, done.answer, done.why], [418, 'a teapot', null])
    const body = JSON.parse(receiver.told[0]?.body ?? '')
    assert.deepEqual([body.type, body.data.webhook], ['webhook.test', webhook.id])
    const [kept] = rig.sender.look(webhook.id).ledger.attempts(webhook.id, null, 1)
    assert.equal(kept?.delivery, done.delivery)
    rig.allowed = []
    const refused = await rig.sender.test(webhook, new AbortController().signal)
    assert.match(refused.why ?? '', /loopback/)
  })

  it('a 410 is believed: it is paused, and misses nothing', async () => {
    receiver.answer = () => 410
    const { webhook } = await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await receiver.until(() => receiver.told.length === 1, 'one request')
    await written()
    const paused = await showWebhook(rig.records.store, installationScope, webhook.id)
    assert.ok(paused.isPaused)
    receiver.answer = () => 204
    await rig.records.store.webhooks.put({ ...paused, isPaused: false })
    await told(1)
    assert.deepEqual(messagesOf(), ['a'])
  })

  it('nothing is kept once it is removed', async () => {
    const { webhook } = await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await told(1)
    await written()
    const { ledger } = rig.sender.look(webhook.id)
    await removeWebhook(rig.records, installationScope, webhook.id)
    await written()
    assert.equal(ledger.place(webhook.id), null)
    assert.deepEqual(ledger.attempts(webhook.id, null, 10), [])
    assert.throws(
      () => rig.sender.look(webhook.id),
      (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_BUSY',
    )
  })

  for (const [what, damage, letters] of [
    ['removed', () => rig.removeLedger(), 1],
    ['overwritten', () => rig.overwriteLedger(), null],
  ] as const)
    it(`a file that is ${what} while it runs is made anew: nothing is left out or told again`, async () => {
      const { webhook } = await rig.add({ url: receiver.url })
      await makeDead()
      damage()
      await written()
      assert.match(rig.announced.join(), /webhookLedger: the ledger of webhooks was damaged \(/)
      if (letters !== null) {
        const { ledger } = rig.sender.look(webhook.id)
        assert.equal(ledger.deadCount(webhook.id), letters)
      } else assert.ok(existsSync(`${rig.ledgerFile}.damaged`))
      rig.happen({ messageId: 'b' })
      await told(2)
      await written()
      await rig.stop()
      rig.start()
      rig.happen({ messageId: 'c' })
      await told(3)
      assert.deepEqual(messagesOf(), ['good', 'b', 'c'])
      assert.equal(rig.announced.filter((text) => text.startsWith('webhookLedger')).length, 1)
    })

  it('what a damaged file had is lost, and it is told of what happens from then on', async () => {
    await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await told(1)
    await rig.stop()
    rig.damageLedger()
    rig.clock.advance(hours(1))
    rig.start()
    await written()
    rig.happen({ messageId: 'b' })
    await told(2)
    assert.deepEqual(messagesOf(), ['a', 'b'])
  })
})
