// SPDX-License-Identifier: Apache-2.0
/** Several workers are one relay: to clients, to receivers, and to whoever asks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { until } from '../support/in-time.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const MESSAGES = 40
const QUEUE = 'transactional:default@example.net'
const threeWorkers = ['--workers', '3']

function relayTo(port: number, delivery = ''): Promise<RunningRelay> {
  return RunningRelay.start({
    config: `${routeTo(port)}\n${trustLoopback}\n${delivery}`,
    domains: ['shop.example'],
    serve: threeWorkers,
  })
}

/** Each in a session of its own, which may reach another worker. */
async function submit(relay: RunningRelay, recipient: string, count: number): Promise<MessageId[]> {
  const ids: MessageId[] = []
  for (let at = 0; at < count; at++) {
    const reply = await sendBySmtp(relay, {
      mail: '<orders@shop.example>',
      rcpt: [`<${recipient}>`],
    })
    ids.push(/queued as (\w{26})/.exec(reply)?.[1] as MessageId)
  }
  return ids
}

async function untilDelivered(relay: RunningRelay, ids: readonly MessageId[]): Promise<void> {
  const open = new Set<string>(ids)
  await relay.waitForEvent((event: Event) => {
    if (event.type === 'message.delivered') open.delete(event.messageId)
    return open.size === 0
  })
}

function journalsOf(ids: readonly MessageId[]): number {
  return new Set(ids.map((id) => journalOf(id))).size
}

test('what any worker took is delivered, and found by whoever asks', async () => {
  await using sink = await startSink({})
  await using relay = await relayTo(sink.port)
  const ids = await submit(relay, 'jane@example.net', MESSAGES)
  assert.ok(journalsOf(ids) > 1, 'several workers took some')
  await untilDelivered(relay, ids)
  for (const id of [ids[0], ids.at(-1)]) {
    const { events } = (await relay.json('trace', String(id))) as { events: readonly Event[] }
    assert.deepEqual(
      events.map(({ type }) => type),
      ['message.received', 'message.delivered'],
    )
  }
  assert.match((await relay.readiness()).why, /3 of 3 workers/)
  assert.match(await relay.metrics(), /posthaste_egress_connections \d/)
})

test('a queue is one queue, however many workers have a part of it', async () => {
  await using sink = await startSink({})
  await using relay = await relayTo(sink.port)
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const ids = await submit(relay, 'jane@example.net', MESSAGES)
  assert.ok(journalsOf(ids) > 1, 'several workers took some')
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  assert.deepEqual(
    queues.map(({ queue, waiting, ready, isSuspended }) => ({
      queue,
      waiting: waiting + ready,
      isSuspended,
    })),
    [{ queue: QUEUE, waiting: MESSAGES, isSuspended: true }],
  )
  const shown = (await relay.json('queue', 'show', QUEUE, '--limit', '100')) as {
    recipients: readonly unknown[]
  }
  assert.equal(shown.recipients.length, MESSAGES)
  assert.deepEqual(await relay.json('queue', 'bounce', QUEUE, '--reason', 'enough'), {
    queue: QUEUE,
    recipients: MESSAGES,
  })
  assert.deepEqual(((await relay.json('queue', 'list')) as QueueList).queues, [])
})

test('together the workers keep to the limit of connections to a site', async () => {
  const clock = new SystemClock()
  let open = 0
  let most = 0
  await using sink = await startSink({
    onMessage: async () => {
      most = Math.max(most, ++open)
      // The first waits for the second, and both for a third.
      await until(
        () => most >= 2,
        () => 'one connection alone',
      )
      await clock.sleep(ms(20))
      open--
    },
  })
  await using relay = await relayTo(sink.port, '[delivery]\nconnections_per_site = 2\n')
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const ids = await submit(relay, 'jane@example.net', MESSAGES)
  await relay.json('queue', 'resume', QUEUE)
  await untilDelivered(relay, ids)
  assert.equal(most, 2)
})

test('what more workers left is delivered by fewer', async () => {
  await using sink = await startSink({})
  await using relay = await relayTo(sink.port)
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const ids = await submit(relay, 'jane@example.net', MESSAGES)
  assert.ok(journalsOf(ids) > 1, 'several workers took some')
  await relay.stop()
  await relay.restart()
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  assert.equal(queues[0]?.waiting, MESSAGES)
  await relay.json('queue', 'resume', QUEUE)
  await untilDelivered(relay, ids)
})

test('a worker that is killed is replaced, and nothing that it took is lost', async () => {
  await using sink = await startSink({})
  await using relay = await relayTo(sink.port)
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const ids = await submit(relay, 'jane@example.net', MESSAGES)
  for (const line of relay.log.split('\n').filter((each) => each.includes('a worker takes mail')))
    process.kill(JSON.parse(line).pid, 'SIGKILL')
  await relay.untilReadiness('ready')
  await relay.json('queue', 'resume', QUEUE)
  await untilDelivered(relay, ids)
  const received = relay.events.seen.filter(({ type }) => type === 'message.received')
  assert.deepEqual(
    received.map((event) => 'messageId' in event && event.messageId).sort(),
    [...ids].sort(),
    'each was told once, before the kill or after it',
  )
})
