// SPDX-License-Identifier: Apache-2.0
/** Rules of an operator at work: what may go goes, what binds is said, with the line on which it is written. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const RULES = `[[domain]]
domain = ["slow.example"]
connections = 2
message_rate = "1/h"

[[source]]
source = ["default"]
messages_per_connection = 7

[[domain]]
domain = ["sealed.example"]
tls = "require"
`

function relayTo(port: number): Promise<RunningRelay> {
  return RunningRelay.start({
    domains: ['shop.example'],
    config: `${routeTo(port)}[delivery]\nconnections_per_site = 5\nshaping = "rules"\n`,
    files: { 'rules/own.toml': RULES },
  })
}

test('A rate lets one message go, holds the next, and says so in the queue list; other domains do not wait', async () => {
  await using sink = await startSink()
  await using relay = await relayTo(sink.port)
  const first = await send(relay, { to: ['ann@slow.example'] })
  await outcomeOf(relay, first, 'delivered')
  await send(relay, { to: ['ben@slow.example'] })
  const other = await send(relay, { to: ['cleo@quick.example'] })
  await outcomeOf(relay, other, 'delivered')
  const { queues, sites } = (await relay.json('queue', 'list')) as QueueList
  assert.equal(queues.length, 1)
  assert.match(
    queues[0]?.because ?? '',
    /^message_rate 1\/h \(\S*rules\/own\.toml:4\), again at 20\d\d-/,
  )
  assert.ok(Math.abs((queues[0]?.pace ?? 0) - 1 / 3_600) < 1e-6)
  const slow = sites.find(({ site }) => site.includes('slow.example'))
  assert.equal(slow?.paths[0]?.shaping?.binds, 'message_rate 1/h')
  const { stdout } = await relay.cli('queue', 'list')
  assert.match(stdout, /message_rate 1\/h \(\S*own\.toml:4\), again at .*; empty in 1 h/)
})

test('explain gives every limit of a path with the file and line that it comes from', async () => {
  await using sink = await startSink()
  await using relay = await relayTo(sink.port)
  const { paths } = (await relay.json('explain', 'ann@slow.example')) as Explanation
  const limits = paths[0]?.shaping.limits.map(({ name, value, origin }) => [
    name,
    value,
    origin.replace(`${relay.folder}/`, ''),
  ])
  assert.deepEqual(limits?.[0], ['connections', '2', 'rules/own.toml:3'])
  assert.deepEqual(limits?.[1], ['message_rate', '1/h', 'rules/own.toml:4'])
  assert.deepEqual(limits?.[2], ['messages_per_connection', '7', 'rules/own.toml:8'])
  const { stdout } = await relay.cli('explain', 'ann@quick.example')
  assert.match(stdout, /default +connections +5 +\S*posthaste\.toml:\d+/)
})

test('A rule that requires TLS sends nothing in the clear, and explain says whose rule that is', async () => {
  await using sink = await startSink()
  await using relay = await relayTo(sink.port)
  const { attempt, reply } = await outcomeOf(
    relay,
    await send(relay, { to: ['ann@sealed.example'] }),
    'deferred',
  )
  assert.equal(attempt, 1)
  assert.match(reply.text, /TLS/)
  const { tls, tlsFrom } = (await relay.json('explain', 'ann@sealed.example')) as Explanation
  assert.equal(tls, 'require')
  assert.match(tlsFrom ?? '', /rules\/own\.toml:12$/)
  const open = (await relay.json('explain', 'ann@open.example')) as Explanation
  assert.deepEqual([open.tls, open.tlsFrom], ['opportunistic', null])
})

test('A reload brings new rules to paths that wait', async () => {
  await using sink = await startSink()
  await using relay = await relayTo(sink.port)
  await outcomeOf(relay, await send(relay, { to: ['ann@slow.example'] }), 'delivered')
  const waiting = await send(relay, { to: ['ben@slow.example'] })
  const { paths } = (await relay.json('explain', 'ben@slow.example')) as Explanation
  assert.equal(paths[0]?.shaping.binds, 'message_rate 1/h')
  writeFileSync(join(relay.folder, 'rules/own.toml'), RULES.replace('1/h', 'unset'))
  relay.signal('SIGHUP')
  await outcomeOf(relay, waiting, 'delivered')
})
