// SPDX-License-Identifier: Apache-2.0
/** A site that is down costs a probe a rest, not an attempt a message; a person sees why, and may try it at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueueRow, SiteRow } from '../../src/control/queues/queue-views.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const MESSAGES = 200
const PROBES = 5
const REST_MS = 150
const CONNECTIONS = 10
const domains = ['shop.example']
/** So that the schedule of the stream never decides. */
const patient = ['stream', 'add', 'patient', '--kind', 'transactional', '--default']

test('While a site is down it is probed; when it is back all of its mail goes out', async () => {
  let isDown = true
  const attempts: number[] = []
  const welcome = polite()
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    if (!isDown) return await welcome(peer)
    attempts.push(performance.now())
    peer.reset()
  })
  await using relay = await RunningRelay.start({
    domains,
    commands: [patient],
    config: `${routeTo(receiver.port)}\n[retry]\nsite_rest = ["${REST_MS}ms"]\n`,
  })
  const to = (at: number) => [`user${at}@down.example`]
  const sent = Array.from({ length: MESSAGES }, (_, at) => send(relay, { to: to(at) }))
  const ids = await Promise.all(sent)
  const deferred = new Set<string>()
  await relay.waitForEvent((event) => {
    if (event.type === 'message.deferred') deferred.add(event.id)
    return deferred.size >= CONNECTIONS + PROBES
  })
  const passedMs = (attempts.at(-1) ?? 0) - (attempts[0] ?? 0)
  const expected = CONNECTIONS + PROBES + passedMs / (REST_MS / 2)
  assert.ok(attempts.length < expected, `${attempts.length} attempts in ${passedMs} ms`)
  isDown = false
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
})

test('A 421 in a session rests the path; the queue list says so, and a retry goes at once', async () => {
  let isBusy = false
  await using receiver = await ScriptedReceiver.start(
    polite({
      answer: (line) =>
        isBusy && line.startsWith('MAIL ') ? '421 4.3.2 Closed for stocktaking' : undefined,
    }),
  )
  await using relay = await RunningRelay.start({
    domains,
    commands: [patient],
    config: `${routeTo(receiver.port)}
[delivery]
connections_per_site = 1
[retry]
site_rest = ["1h"]
`,
  })
  await outcomeOf(relay, await send(relay, { to: ['ann@down.example'] }), 'delivered')
  isBusy = true
  const ids = [
    await send(relay, { to: ['bo@down.example'] }),
    await send(relay, { to: ['cy@down.example'] }),
  ]
  await relay.waitForEvent((event) => event.type === 'message.deferred')
  const { queues, sites } = (await relay.json('queue', 'list')) as {
    queues: readonly QueueRow[]
    sites: readonly SiteRow[]
  }
  assert.equal(queues.length, 1)
  assert.equal((queues[0]?.waiting ?? 0) + (queues[0]?.ready ?? 0), 2)
  assert.match(queues[0]?.because ?? '', /^backoff until \d{4}-.*Closed for stocktaking/)
  assert.equal(sites[0]?.paths[0]?.state.kind, 'backoff')
  const { stdout } = await relay.cli('queue', 'list')
  assert.match(stdout, /backoff until .*: .*Closed for stocktaking/)
  isBusy = false
  const retried = await relay.cli('queue', 'retry', queues[0]?.queue ?? '')
  assert.match(retried.stdout, /^2 recipients are tried now/)
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
})
