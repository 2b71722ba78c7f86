// SPDX-License-Identifier: Apache-2.0
/** Time-outs of one receiver, and values that a more specific rule takes away: what holds, and what explain says of it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'

const RULES = `[default]
message_rate = "1/d"
rcpt_timeout = "2m"

[[domain]]
domain = ["silent.example"]
rcpt_timeout = "1s"
message_rate = "unset"

[[domain]]
domain = ["open.example"]
tls = "unset"
rcpt_timeout = "unset"

[[domain]]
domain = ["quick.example"]
message_rate = "1/h"

[[source]]
source = ["default"]
message_rate = "unset"
`

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const sink = running.use(await startSink())
  const silent = running.use(await ScriptedReceiver.start(silentAtRcpt))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${routeTo(silent.port, 'silent.example')}${routeTo(sink.port)}[delivery]\nshaping = "rules"\ntimeouts.rcpt = "3m"\n`,
      files: { 'rules/own.toml': RULES },
    }),
  )
})

after(() => running.disposeAsync())

test('A receiver that has a time-out of its own is given up when that is over, and explain says which line that is', async () => {
  const id = await send(relay, { to: ['ann@silent.example'] })
  const { reply } = await outcomeOf(relay, id, 'deferred')
  assert.match(reply.text, /no answer to RCPT .*within 1\.0 s/)
  assert.match(await limitOf('ann@silent.example', 'rcpt_timeout'), /^1\.0 s \S*own\.toml:7$/)
  const { stdout } = await relay.cli('explain', 'ann@silent.example')
  assert.match(stdout, /^Time-outs of default: connect 30 s, .*rcpt 1\.0 s, data 2 m/m)
})

test('A source may be without a limit that its receiver has, and the next message waits for nothing', async () => {
  for (const to of ['ann@quick.example', 'ben@quick.example'])
    await outcomeOf(relay, await send(relay, { to: [to] }), 'delivered')
  assert.match(await limitOf('ann@quick.example', 'message_rate'), /^unset \S*own\.toml:21$/)
})

test('What is unset is as the program has it, and explain says by which line', async () => {
  assert.match(await limitOf('ann@open.example', 'rcpt_timeout'), /^unset, so 5 m \S*own\.toml:13$/)
  assert.match(await limitOf('ann@else.example', 'rcpt_timeout'), /^2 m \S*own\.toml:3$/)
  const { tls, tlsFrom } = (await relay.json('explain', 'ann@open.example')) as Explanation
  assert.equal(tls, 'opportunistic')
  assert.match(tlsFrom ?? '', /own\.toml:12$/)
})

/** Its value, and where it is from. */
async function limitOf(address: string, wanted: string): Promise<string> {
  const { paths } = (await relay.json('explain', address)) as Explanation
  const row = paths[0]?.shaping.limits.find(({ name }) => name === wanted)
  return `${row?.value} ${row?.origin}`
}

async function silentAtRcpt(peer: ScriptedPeer): Promise<void> {
  peer.send('220 mx.example ESMTP\r\n')
  for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
    if (line.startsWith('RCPT')) return
    peer.send('250 Ok\r\n')
  }
}
