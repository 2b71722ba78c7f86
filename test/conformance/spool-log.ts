// SPDX-License-Identifier: Apache-2.0
/** What every spool promises as an event log: order, cursors, traces. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minutes, plus } from '../../src/base/brand.ts'
import { eventSchema, timestampOf } from '../../src/events/event.ts'
import {
  SAMPLE_QUEUE,
  sampleComplained,
  sampleDeferred,
  sampleDelivered,
} from '../support/mail-samples.ts'
import { RETRY_AFTER, readSome, type SpoolRig, submit } from '../support/spool-rig.ts'

export function spoolLogConformance(name: string, make: () => Promise<SpoolRig>): void {
  describe(`${name} as an event log`, () => {
    traces(make)
    reads(make)
  })
}

function traces(make: () => Promise<SpoolRig>): void {
  it('tells the life of one message in order, each event as it was recorded', async () => {
    await using rig = await make()
    const { message, recipient } = await submit(rig.spool, rig.clock.now())
    await submit(rig.spool, rig.clock.now())
    const next = plus(rig.clock.now(), RETRY_AFTER)
    const deferred = sampleDeferred(recipient, rig.clock.now(), next)
    await rig.spool.record([deferred])
    const [again] = (await rig.spool.take(SAMPLE_QUEUE, next, 10)).recipients
    assert.ok(again)
    const delivered = sampleDelivered(again, next)
    await rig.spool.record([delivered])
    for (const spool of [rig.spool, await rig.reopen('killed')]) {
      const events = await spool.trace(message.id)
      assert.deepEqual(
        events.map(({ type }) => type),
        ['message.received', 'message.deferred', 'message.delivered'],
      )
      const { id, schemaVersion, ...rest } = events[2] ?? {}
      assert.deepEqual(rest, delivered)
      for (const event of events) eventSchema.parse(event)
      assert.equal(new Set(events.map((event) => event.id)).size, 3)
    }
  })

  it('finds how a message came in among many, also after a restart', async () => {
    await using rig = await make()
    const sent = []
    for (let count = 0; count < 40; count++) {
      sent.push(await submit(rig.spool, rig.clock.now()))
      rig.clock.advance(minutes(20))
    }
    for (const spool of [rig.spool, await rig.reopen('killed')])
      for (const { message } of sent) {
        const received = await spool.received(message.id)
        assert.equal(received?.messageId, message.id)
        assert.equal(received?.tenant, message.tenant)
      }
    assert.equal(await rig.spool.received(rig.spool.newId()), null)
  })

  it('keeps what came back about a message, durable on return', async () => {
    await using rig = await make()
    const { message, recipient } = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    await rig.spool.keep([sampleComplained(message, rig.clock.now())])
    const events = await (await rig.reopen('killed')).trace(message.id)
    assert.equal(events.at(-1)?.type, 'message.complained')
    for (const event of events) eventSchema.parse(event)
  })

  it('knows nothing of a message that it never had', async () => {
    await using rig = await make()
    assert.deepEqual(await rig.spool.trace(rig.spool.newId()), [])
  })
}

function reads(make: () => Promise<SpoolRig>): void {
  it('reads from the oldest event on, and goes on after any cursor, also after a restart', async () => {
    await using rig = await make()
    const sent = [
      await submit(rig.spool, rig.clock.now()),
      await submit(rig.spool, rig.clock.now()),
    ]
    await rig.spool.record(sent.map(({ recipient }) => sampleDelivered(recipient, rig.clock.now())))
    await rig.reopen('killed')
    const all = await readSome(rig.feed, 'oldest', 4)
    assert.deepEqual(
      all.map(({ event }) => event.type),
      ['message.received', 'message.received', 'message.delivered', 'message.delivered'],
    )
    for (const [at, { cursor }] of all.entries()) {
      const rest = await readSome(rig.feed, cursor, all.length - at - 1)
      assert.deepEqual(
        rest.map(({ event }) => event),
        all.slice(at + 1).map(({ event }) => event),
      )
    }
  })

  it('waits for what comes from now on', async () => {
    await using rig = await make()
    await submit(rig.spool, rig.clock.now())
    const reading = readSome(rig.feed, 'now', 2)
    const { message } = await submit(rig.spool, rig.clock.now())
    const at = timestampOf(rig.clock.now())
    const text = 'The node is tested.'
    await rig.spool.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
    rig.clock.advance(RETRY_AFTER)
    const [received, tested] = await reading
    assert.equal(received?.event.type, 'message.received')
    assert.ok(received?.event && 'messageId' in received.event)
    assert.equal(received.event.messageId, message.id)
    assert.equal(tested?.event.type, 'node.tested')
  })

  it('ends a reader that is not wanted any more', async () => {
    await using rig = await make()
    await submit(rig.spool, rig.clock.now())
    const stop = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { events } of rig.feed.read('oldest', stop.signal)) {
        seen.push(...events.map(({ event }) => event.type))
        stop.abort()
      }
    })()
    await reading
    assert.deepEqual(seen, ['message.received'])
  })
}
