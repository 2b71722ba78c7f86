// SPDX-License-Identifier: Apache-2.0
/** The end of a relay: what is in flight finishes, what waits is delivered by the next one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { polite, type SeenTransaction } from '../support/polite-script.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']

test('SIGTERM lets transactions finish; mail that waits goes out after the restart, once', async () => {
  const seen: SeenTransaction[] = []
  const isInFlight = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async (one) => {
        seen.push(one)
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
  const ids = []
  for (let at = 0; at < 3; at++) ids.push(await send(relay, { to: [`user${at}@example.net`] }))
  await isInFlight.promise
  const stopped = relay.stop()
  await notReady(relay)
  release.resolve()
  assert.deepEqual(await stopped, { code: 0, signal: null })
  assert.match(relay.log, /"reason":"SIGTERM","text":"draining"/)
  assert.equal(seen.length, 1)
  await relay.restart()
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
  assert.equal(seen.length, 3)
  assert.equal(new Set(seen.map(({ rcpt }) => rcpt[0])).size, 3)
})

test('Who has taken the call and says nothing holds up no end: only transactions are finished, and mail of others waits', async () => {
  const isCalled = Promise.withResolvers<void>()
  const isCalledAgain = Promise.withResolvers<void>()
  const isGivenUp = Promise.withResolvers<void>()
  const isInFlight = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using mute = await ScriptedReceiver.start(async (peer) => {
    if (peer.connection > 0) isCalledAgain.resolve()
    isCalled.resolve()
    await peer.gone()
    isGivenUp.resolve()
  })
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async () => {
        isInFlight.resolve()
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  const config = routeTo(mute.port, 'mute.example') + routeTo(receiver.port, 'example.net')
  await using relay = await RunningRelay.start({ domains, config })
  await send(relay, { to: ['user@mute.example'] })
  const inFlight = await send(relay, { to: ['user@example.net'] })
  await Promise.all([isCalled.promise, isInFlight.promise])
  const stopped = relay.stop()
  await isGivenUp.promise
  release.resolve()
  assert.equal((await stopped).code, 0)
  await relay.restart()
  const { attempt } = await outcomeOf(relay, inFlight, 'delivered')
  assert.equal(attempt, 1)
  await isCalledAgain.promise
})

test('A session of a submitter that is idle is told with 421 that the relay ends', async () => {
  await using relay = await RunningRelay.start({ domains, config: trustLoopback })
  await using dialog = await openSession(relay)
  const stopped = relay.stop()
  assert.match(await dialog.reply(), /^421 4\.3\.2 /)
  assert.equal((await stopped).code, 0)
})

/** Waits until the relay says that it drains, or answers no more. */
async function notReady(relay: RunningRelay): Promise<void> {
  for (;;) {
    const { status, why } = await relay.readiness()
    if (status === 'ready') continue
    assert.equal(why, 'draining')
    return
  }
}
