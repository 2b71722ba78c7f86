// SPDX-License-Identifier: Apache-2.0
/** What refusals mean: a 5yz that is temporary in truth is tried again, and every event says what was meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

/** A receiver that refuses by the words for a name, once or always, and a relay with a stream of that age limit. */
async function started(expiresAfter: string) {
  const refused = new Set<string>()
  const receiver = await ScriptedReceiver.start(
    polite({
      answer: (line) => {
        if (line.startsWith('RCPT TO:<gone')) return '550 5.2.1 This account has been disabled'
        if (line.startsWith('RCPT TO:<never')) return '450 4.2.1 This account has been disabled'
        if (!line.startsWith('RCPT TO:<full') || refused.has(line)) return undefined
        refused.add(line)
        return '552 5.2.2 Mailbox full'
      },
    }),
  )
  const stream = ['stream', 'add', 'own', '--kind', 'transactional', '--default']
  const schedule = ['--retry-after', '100ms', '--expires-after', expiresAfter]
  const relay = await RunningRelay.start({
    domains: ['shop.example'],
    commands: [[...stream, ...schedule]],
    config: trustLoopback + routeTo(receiver.port),
  })
  return {
    relay,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

test('A 5yz that is temporary in truth is tried again, one that is final bounces, and both say what they mean', async () => {
  await using running = await started('1h')
  const { relay } = running
  const full = await send(relay, { to: ['full@example.net'] })
  const { reply, meaning } = await outcomeOf(relay, full, 'deferred')
  assert.equal(reply.code, 552)
  assert.deepEqual(meaning, { class: 'mailbox-full', fault: 'recipient', rule: 'code 5.2.2' })
  assert.equal((await outcomeOf(relay, full, 'delivered')).attempt, 2)
  const gone = await send(relay, { to: ['gone@example.net'] })
  const bounced = await outcomeOf(relay, gone, 'bounced')
  assert.equal(bounced.attempt, 1)
  assert.equal(bounced.meaning?.class, 'mailbox-disabled')
})

test('Mail that expired says what its last refusal meant', async () => {
  await using running = await started('2s')
  const { relay } = running
  const messageId = await send(relay, { to: ['never@example.net'] })
  const { meaning } = await outcomeOf(relay, messageId, 'expired')
  assert.deepEqual([meaning?.class, meaning?.fault], ['mailbox-disabled', 'recipient'])
})
