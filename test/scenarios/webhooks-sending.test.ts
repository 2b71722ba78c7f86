// SPDX-License-Identifier: Apache-2.0
/** What endpoints of webhooks are told, in what order, and what happens when they do not take it. Their clock is turned. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { hours, ms, seconds } from '../../src/base/brand.ts'
import { callLimits } from '../../src/base/limits/webhook-limits.ts'
import { installationScope } from '../../src/records/tenant-scope.ts'
import { rotateWebhook, showWebhook } from '../../src/records/webhooks/webhook-service.ts'
import { verify, WebhookReceiver } from '../support/webhook-receiver.ts'
import { WebhookRig } from '../support/webhook-rig.ts'

describe('An endpoint', () => {
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

  it('is told what happens after it was added, each event once, with a good signature', async () => {
    rig.happen({ messageId: 'before' })
    rig.clock.advance(ms(1))
    const { secret } = await rig.add({ url: receiver.url })
    for (const messageId of ['a', 'b', 'c']) rig.happen({ messageId })
    await told(3)
    assert.deepEqual(messagesOf().sort(), ['a', 'b', 'c'])
    for (const one of receiver.told) {
      const { type, timestamp, data } = JSON.parse(one.body)
      assert.deepEqual([type, timestamp], [data.type, data.at])
      assert.equal(one.headers['content-type'], 'application/json')
      assert.match(one.id, /^evt_1-\d+$/)
      verifyThen(one, secret)
      assert.throws(() => verifyThen({ ...one, body: `${one.body} ` }, secret))
    }
  })

  it('is told only what is for it', async () => {
    await rig.add({ url: receiver.url, types: ['message.b*'], stream: 'bulk' })
    for (const type of ['message.bounced', 'message.delivered'] as const)
      for (const stream of ['bulk', 'transactional'])
        for (const tenant of ['acme', 'beta'])
          rig.happen({ type, stream, tenant, messageId: `${type} ${stream} ${tenant}` } as never)
    rig.happen({ type: 'message.bounced', stream: 'bulk', messageId: 'last' } as never)
    await receiver.until(() => messagesOf().includes('last' as never), 'the last event')
    assert.deepEqual(messagesOf(), ['message.bounced bulk acme', 'last'])
  })

  it('gets two signatures while its secret changes', async () => {
    const { webhook, secret } = await rig.add({ url: receiver.url })
    const other = await rotateWebhook(rig.records, installationScope, webhook.id, hours(24))
    rig.happen()
    await told(1)
    const [one] = receiver.told
    assert.ok(one)
    for (const good of [secret, other.secret]) verifyThen(one, good)
    assert.equal(one.headers['webhook-signature']?.split(' ').length, 2)
  })

  it('gets the same request again, with the same id, until it takes it', async () => {
    let failures = 3
    receiver.answer = () => (failures-- > 0 ? 500 : 200)
    await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await told(1)
    assert.equal(receiver.told.length, 4)
    assert.equal(new Set(receiver.told.map(({ id }) => id)).size, 1)
  })

  it('sees what is about one message in order, though others overtake what failed', async () => {
    let failures = 1
    receiver.answer = ([event]) => {
      if (event && 'messageId' in event && event.messageId === ('a' as never) && failures-- > 0)
        return 503
      return 204
    }
    await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a', type: 'message.deferred' } as never)
    rig.happen({ messageId: 'a', type: 'message.delivered' } as never)
    rig.happen({ messageId: 'b' } as never)
    await told(3)
    assert.deepEqual(messagesOf(), ['b', 'a', 'a'])
    assert.deepEqual(
      receiver.events.slice(1).map(({ type }) => type),
      ['message.deferred', 'message.delivered'],
    )
  })

  it('gets several requests at once, and the next when one is answered', async () => {
    const held: ServerResponse[] = []
    receiver.answer = () => (response) => void held.push(response)
    await rig.add({ url: receiver.url })
    for (let number = 0; number < 20; number++) rig.happen({ messageId: `m${number}` })
    const { requestsAtOnce } = callLimits
    await receiver.until(() => held.length === requestsAtOnce, 'as many as may be')
    await rig.clock.sleep(seconds(5))
    assert.equal(held.length, requestsAtOnce)
    held.shift()?.writeHead(204).end()
    await receiver.until(() => receiver.told.length === requestsAtOnce + 1, 'one more')
  })

  it('gets many events in one request, by number and by time', async () => {
    await rig.add({ url: receiver.url, batchEvents: 10, batchWait: seconds(30) })
    for (let count = 0; count < 25; count++) rig.happen({ messageId: `m${count}` })
    await told(25)
    assert.deepEqual(
      receiver.told.map(({ events }) => events.length),
      [10, 10, 5],
    )
    const { type, data } = JSON.parse(receiver.told[0]?.body ?? '')
    assert.deepEqual([type, data.events.length], ['events', 10])
  })

  it('that is down slows nobody else, and then misses nothing', async () => {
    await using other = await WebhookReceiver.start()
    receiver.answer = () => 500
    await rig.add({ url: receiver.url })
    await rig.add({ url: other.url })
    const count = callLimits.lineDeliveries * 3
    for (let number = 0; number < count; number++) rig.happen({ messageId: `m${number}` })
    await other.until(({ events }) => events.length === count, 'all events')
    assert.ok(receiver.told.length < 20, 'one that is down is tried, and not flooded')
    assert.ok(other.mostAtOnce <= callLimits.requestsAtOnce)
    receiver.answer = () => 200
    rig.clock.advance(hours(1))
    await told(count)
    assert.equal(new Set(receiver.events.map(({ id }) => id)).size, count)
  })

  it('that is down for an hour is told of, once, and when it is back', async () => {
    receiver.answer = () => 500
    await rig.add({ url: receiver.url })
    for (const messageId of ['a', 'b', 'c', 'd']) rig.happen({ messageId })
    await receiver.until(() => receiver.told.length >= callLimits.downAfter, 'failures')
    await rig.clock.sleep(seconds(2))
    assert.deepEqual(rig.announced, [])
    rig.clock.advance(hours(1))
    await rig.clock.sleep(seconds(5))
    assert.equal(rig.announced.length, 1)
    assert.match(rig.announced[0] ?? '', /^webhookDown: .* has taken nothing for 1/)
    receiver.answer = () => 204
    rig.clock.advance(hours(2))
    await told(4)
    await rig.clock.sleep(seconds(2))
    assert.match(rig.announced[1] ?? '', /^webhookUp: .* is back after/)
    assert.equal(rig.announced.length, 2)
  })

  it('goes on where it was after a stop, with what waits for another attempt', async () => {
    let isDown = true
    receiver.answer = ([event]) =>
      isDown && event && 'messageId' in event && event.messageId === ('a' as never) ? 500 : 200
    await rig.add({ url: receiver.url })
    for (const messageId of ['a', 'b']) rig.happen({ messageId })
    await told(1)
    await rig.stop()
    rig.happen({ messageId: 'c' })
    isDown = false
    rig.start()
    await told(3)
    assert.deepEqual(messagesOf().sort(), ['a', 'b', 'c'])
  })

  it('waits no longer because the clock of the machine was set back', async () => {
    let failures = 1
    receiver.answer = () => (failures-- > 0 ? 500 : 200)
    await rig.add({ url: receiver.url })
    rig.happen({ messageId: 'a' })
    await receiver.until(() => receiver.told.length === 1, 'one request')
    rig.clock.jump(ms(-hours(20)))
    await told(1)
  })

  it('that takes no batches any more is told all of one that waits', async () => {
    receiver.answer = () => 500
    const { webhook } = await rig.add({ url: receiver.url, batchEvents: 3, batchWait: seconds(1) })
    for (const messageId of ['a', 'b', 'c']) rig.happen({ messageId })
    await receiver.until(() => receiver.told.length === 1, 'one request')
    await rig.records.store.webhooks.put({ ...webhook, batchEvents: 1 })
    await rig.clock.sleep(seconds(2))
    receiver.answer = () => 200
    await told(3)
    assert.deepEqual(messagesOf(), ['a', 'b', 'c'])
  })

  it('that is paused is told later', async () => {
    const { webhook } = await rig.add({ url: receiver.url, isPaused: true })
    rig.happen({ messageId: 'a' })
    await rig.clock.sleep(seconds(10))
    assert.equal(receiver.told.length, 0)
    const now = await showWebhook(rig.records.store, installationScope, webhook.id)
    await rig.records.store.webhooks.put({ ...now, isPaused: false })
    await told(1)
  })

  /** The verifier looks at the clock of the machine; ours was turned. */
  function verifyThen(one: Parameters<typeof verify>[0], secret: string): void {
    const real = Date.now
    Date.now = () => Number(one.headers['webhook-timestamp']) * 1_000
    try {
      verify(one, secret)
    } finally {
      Date.now = real
    }
  }
})
