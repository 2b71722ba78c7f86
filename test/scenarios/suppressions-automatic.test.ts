// SPDX-License-Identifier: Apache-2.0
/** Bounces make suppressions by themselves, in every worker's sight, and one mistake is taken back. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { send } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    config: `[feedback]\nsuppress_after = "0s"\n`,

    commands: [['stream', 'change', 'bulk', '--no-suppress-on']],
    serve: ['--workers', '2'],
  }))
})

after(() => running.disposeAsync())

interface Entry {
  readonly reason: string
  readonly sourceEvent: string
}

async function entriesOf(address: string): Promise<readonly Entry[]> {
  return (await relay.json('suppression', 'show', address)) as readonly Entry[]
}

/** Until there is one. */
function entryOf(address: string): Promise<Entry> {
  return until(
    async () => (await entriesOf(address))[0],
    () => `nothing suppresses ${address}:\n${relay.log}`,
  )
}

test('Who does not exist is suppressed by the bounce, for all workers; undo takes that back', async () => {
  const address = 'permfail@example.net'
  const first = await send(relay, { to: [address] })
  const bounced = await outcomeOf(relay, first, 'bounced')
  const entry = await entryOf(address)
  assert.deepEqual([entry.reason, entry.sourceEvent], ['bounce', bounced.id])
  await relay.json('suppression', 'add', 'other@example.net')
  for (let at = 0; at < 4; at++) {
    const again = await send(relay, { to: [address] })
    assert.equal((await outcomeOf(relay, again, 'suppressed')).reason, 'bounce')
  }
  await relay.json('suppression', 'undo', '--event', bounced.id)
  assert.deepEqual(await entriesOf(address), [])
  await outcomeOf(relay, await send(relay, { to: [address] }), 'bounced')
})

test('A stream that wants no suppressions of bounces gets none', async () => {
  const address = 'permfail@second.example'
  await outcomeOf(relay, await send(relay, { to: [address], stream: 'bulk' }), 'bounced')
  // What comes later is seen later.
  const later = 'permfail@third.example'
  await send(relay, { to: [later] })
  await entryOf(later)
  assert.deepEqual(await entriesOf(address), [])
})
