// SPDX-License-Identifier: Apache-2.0
/** Mail whose site is down waits in the index: it takes no room, and finds another way when there is one. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { QueueRow } from '../../src/control/queues/queue-views.ts'
import { freePort } from '../support/free-port.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const domains = ['shop.example']
const restsLong = '[retry]\nsite_rest = ["1h"]\n'

async function waitingMail(relay: RunningRelay): Promise<readonly QueueRow[]> {
  const { queues } = (await relay.json('queue', 'list')) as { queues: readonly QueueRow[] }
  return queues
}

test('Mail for a host that is down goes by the new route as soon as the configuration names one', async () => {
  const down = await freePort()
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(down) + restsLong })
  const first = await send(relay, { to: ['first@down.example'] })
  await outcomeOf(relay, first, 'deferred')
  const others = [
    await send(relay, { to: ['second@down.example'] }),
    await send(relay, { to: ['third@down.example'] }),
  ]
  const [row] = await waitingMail(relay)
  assert.equal(row?.ready, 0)
  assert.equal(row?.waiting, 3)
  assert.match(row?.because ?? '', /^backoff until .*ECONNREFUSED/)

  const text = readFileSync(relay.configFile, 'utf8')
  writeFileSync(relay.configFile, text.replace(`port = ${down}`, `port = ${sink.port}`))
  relay.signal('SIGHUP')
  for (const id of others) await outcomeOf(relay, id, 'delivered')
  // The one that was tried has a time of its own, unless a person says otherwise.
  await relay.json('queue', 'retry', '*')
  await outcomeOf(relay, first, 'delivered')
})

test('A retry tries a site that rests, and all that waits for it when it works again', async () => {
  const port = await freePort()
  await using relay = await RunningRelay.start({ domains, config: routeTo(port) + restsLong })
  const first = await send(relay, { to: ['first@down.example'] })
  await outcomeOf(relay, first, 'deferred')
  const second = await send(relay, { to: ['second@down.example'] })
  await using sink = await startSink({}, { port })
  await relay.json('queue', 'retry', '*@down.example')
  for (const id of [first, second]) await outcomeOf(relay, id, 'delivered')
  assert.equal(sink.messages.length, 2)
})
