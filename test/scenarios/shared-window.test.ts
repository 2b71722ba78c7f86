// SPDX-License-Identifier: Apache-2.0
/** Many queues that go to one site, as all do with a smart host. */
import { test } from 'node:test'
import { polite } from '../support/polite-script.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

test('A queue whose share of the window is full waits for its turn, and the relay goes on', async () => {
  const release = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async () => {
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${trustLoopback}${routeTo(receiver.port)}[delivery]\nconnections_per_site = 1\n`,
  })
  const session = await openSession(relay)
  // With eight queues in the window none gets more than 125 of its places.
  const small = Array.from({ length: 7 }, (_, at) => `<jane@small${at}.example>`)
  const large = Array.from({ length: 200 }, (_, at) => `<user${at}@large.example>`)
  await transact(session, { mail: '<>', rcpt: small })
  await transact(session, { mail: '<>', rcpt: large })
  release.resolve()
  let delivered = 0
  for await (const event of relay.events)
    if (event.type === 'message.delivered' && ++delivered === small.length + large.length) break
})
