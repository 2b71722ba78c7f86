// SPDX-License-Identifier: Apache-2.0
/** A receipt does not wait behind a campaign. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const CAMPAIGN = 300

test('With a campaign waiting at a slow site, a receipt that comes later goes next', async () => {
  const taken: string[] = []
  const isSlow = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async ({ rcpt }) => {
        taken.push(rcpt[0] ?? '')
        isSlow.resolve()
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${routeTo(receiver.port)}\n[delivery]\nconnections_per_site = 1\n`,
  })
  const to = Array.from({ length: CAMPAIGN }, (_, at) => `user${at}@example.net`)
  const campaign = await send(relay, { to, stream: 'bulk' })
  await isSlow.promise
  const receipt = await send(relay, { to: ['buyer@example.net'] })
  release.resolve()
  await outcomeOf(relay, receipt, 'delivered')
  await outcomeOf(relay, campaign, 'delivered', to.at(-1))
  assert.equal(taken.length, CAMPAIGN + 1)
  assert.match(taken[1] ?? '', /^RCPT TO:<buyer@/)
})
