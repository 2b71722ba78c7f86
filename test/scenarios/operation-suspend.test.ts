// SPDX-License-Identifier: Apache-2.0
/** What a person does to queues: suspend, resume, bounce. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueueRow } from '../../src/control/queues/queue-views.ts'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']

async function queueList(relay: RunningRelay): Promise<readonly QueueRow[]> {
  const { queues } = (await relay.json('queue', 'list')) as { queues: readonly QueueRow[] }
  return queues
}

test('A suspended queue sends nothing, also after a restart, until it is resumed', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(sink.port) })
  await relay.json('queue', 'suspend', '*@held.example', '--reason', 'a wrong price')
  const held = await send(relay, { to: ['ann@held.example'] })
  const other = await send(relay, { to: ['ann@other.example'] })
  await outcomeOf(relay, other, 'delivered')
  const [row, ...others] = await queueList(relay)
  assert.deepEqual(others, [])
  assert.equal(row?.queue, 'transactional:default@held.example')
  assert.equal(row.waiting, 1)
  assert.equal(row.isSuspended, true)
  assert.equal(row.because, 'suspended')
  await relay.stop()
  await relay.restart()
  await outcomeOf(relay, await send(relay, { to: ['bo@other.example'] }), 'delivered')
  assert.equal((await queueList(relay))[0]?.because, 'suspended')
  assert.ok(sink.messages.every(({ recipients }) => recipients[0] !== 'ann@held.example'))
  const { stdout } = await relay.cli('queue', 'resume', '*@held.example')
  assert.match(stdout, /is resumed/)
  await outcomeOf(relay, held, 'delivered')
  assert.deepEqual(await queueList(relay), [])
})

test('A suspension takes back what stands ready, and lets what is in flight finish', async () => {
  const isInFlight = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async () => {
        isInFlight.resolve()
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(receiver.port)}\n[delivery]\nconnections_per_site = 1\n`,
  })
  const first = await send(relay, { to: ['user0@held.example'] })
  await isInFlight.promise
  const rest = [1, 2, 3].map((at) => send(relay, { to: [`user${at}@held.example`] }))
  const ids = await Promise.all(rest)
  await relay.json('queue', 'suspend', '*@held.example', '--reason', 'a wrong price')
  release.resolve()
  await outcomeOf(relay, first, 'delivered')
  const [row] = await queueList(relay)
  assert.equal(row?.waiting, 3)
  assert.equal(row.ready, 0)
  await relay.json('queue', 'resume', '*@held.example')
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
})

test('A bounced queue ends with the reason, and with a report to the submitter', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(sink.port) })
  await relay.json('queue', 'suspend', '*@held.example', '--reason', 'a wrong price')
  const messageId = await send(relay, { to: ['ann@held.example', 'bo@held.example'] })
  const answer = await relay.cli('queue', 'bounce', '*@held.example', '--reason', 'Sent by mistake')
  assert.equal(answer.stdout, '2 recipients bounced\n')
  const bounced = await outcomeOf(relay, messageId, 'bounced', 'ann@held.example')
  await outcomeOf(relay, messageId, 'bounced', 'bo@held.example')
  assert.equal(bounced.by, 'person')
  assert.equal(bounced.reply.text, 'Sent by mistake')
  const report = await reportTo(relay, 'orders@shop.example')
  await outcomeOf(relay, report.messageId, 'delivered')
  const text = sink.messages.find(({ reversePath }) => reversePath === '')?.content.toString() ?? ''
  assert.match(text, /Final-Recipient: rfc822; ann@held\.example/)
  assert.match(text, /Final-Recipient: rfc822; bo@held\.example/)
  assert.match(text, /Diagnostic-Code: X-Posthaste; 554 5\.7\.0 Sent by mistake/)
  const said = relay.events.seen.find((event) => event.type === 'queue.bounced')
  assert.match(
    said && 'text' in said ? said.text : '',
    /bounced 2 recipients of \*@held\.example: Sent/,
  )
})

test('Who names a queue that is not there is told the nearest that is', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(sink.port) })
  await relay.json('queue', 'suspend', '*@held.example', '--reason', 'a wrong price')
  await send(relay, { to: ['ann@held.example'] })
  for (const command of [['show'], ['retry'], ['bounce', '--reason', 'none'], ['resume']]) {
    const unknown = 'transactional:default@heldd.example'
    const { code, stderr } = await relay.cli('queue', ...command, unknown)
    assert.equal(code, 68, stderr)
    assert.match(
      stderr,
      /^posthaste: (nothing waits in|no suspension of) "transactional:default@heldd/,
    )
    if (command[0] !== 'resume')
      assert.match(stderr, /did you mean "transactional:default@held\.example"\?/)
  }
})
