// SPDX-License-Identifier: Apache-2.0
/** Receivers that take fewer recipients of a message in one transaction than it has: nobody waits for that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveredEvent } from '../../src/events/event.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const TAKES = 4
const RECIPIENTS = Array.from({ length: 10 }, (_, at) => `user${at}@example.net`)

for (const [what, refusal, keywords, sizes] of [
  ['says so with 452 4.5.3', '452 4.5.3 Too many recipients', [], [4, 4, 2]],
  ['says so the old way', '552 Too many recipients', [], [4, 4, 2]],
  ['has named the limit', '550 5.5.3 You were told', [`LIMITS RCPTMAX=${TAKES}`], [4, 4, 2]],
] as const)
  test(`A receiver that takes ${TAKES} recipients and ${what} gets the rest at once`, async () => {
    const took: number[] = []
    let taken = 0
    await using receiver = await ScriptedReceiver.start(
      polite({
        keywords: ['PIPELINING', 'ENHANCEDSTATUSCODES', ...keywords],
        answer: (line) => {
          if (line.startsWith('MAIL ')) taken = 0
          return line.startsWith('RCPT ') && taken++ >= TAKES ? refusal : undefined
        },
        take: ({ rcpt }) => {
          took.push(rcpt.length)
          return '250 2.0.0 Ok'
        },
      }),
    )
    const stream = ['stream', 'add', 'shared', '--kind', 'transactional', '--share-transactions']
    await using relay = await RunningRelay.start({
      domains: ['shop.example'],
      commands: [[...stream, '--default']],
      config: `${routeTo(receiver.port)}[delivery]\nconnections_per_site = 1\n`,
    })
    await send(relay, { to: RECIPIENTS })
    const delivered: DeliveredEvent[] = []
    for await (const event of relay.events) {
      assert.ok(event.type !== 'message.deferred' && event.type !== 'message.bounced')
      if (event.type !== 'message.delivered') continue
      delivered.push(event as DeliveredEvent)
      if (delivered.length === RECIPIENTS.length) break
    }
    assert.deepEqual(
      delivered.map(({ recipient }) => recipient).sort(),
      [...RECIPIENTS].sort(),
      'each once',
    )
    assert.ok(delivered.every(({ attempt }) => attempt === 1))
    assert.deepEqual(took, sizes)
  })
