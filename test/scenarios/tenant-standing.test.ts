// SPDX-License-Identifier: Apache-2.0
/** A tenant that is bad for those it shares a pool with: sent by the quarantine pool with an event, released, pinned, held, over a restart. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { OperationEvent } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let receiver: ScriptedReceiver

const source = (name: string, address: string) =>
  `[[source]]\nname = "${name}"\naddress = "${address}"\nehlo = "${name}.example.com"\n`

before(async () => {
  receiver = running.use(
    await ScriptedReceiver.start(
      polite({
        answer: (line) => (/^RCPT TO:<gone/.test(line) ? '550 5.1.1 No such user' : undefined),
      }),
    ),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [['tenant', 'add', 'bank']],
      config: `${routeTo(receiver.port)}${source('own', '127.0.0.31')}${source('apart', '127.0.0.32')}
[[pool]]
name = "default"
source = [{ name = "own" }]
quarantine = "away"
[[pool]]
name = "away"
source = [{ name = "apart" }]
[standing]
least_mail = 10
`,
    }),
  )
})

after(() => running.disposeAsync())

const standing = (kind: string) =>
  relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === `tenant.${kind}`,
  )

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await relay.cli(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

async function sourceOf(to: string): Promise<string> {
  return (await outcomeOf(relay, await send(relay, { to: [to] }), 'delivered')).source
}

test('A tenant whose recipients are not there goes by the quarantine pool, with the numbers in an event', async () => {
  assert.equal(await sourceOf('ann@example.net'), 'own')
  for (let at = 0; at < 14; at++) await send(relay, { to: [`gone${at}@example.net`] })
  const { tenant, text } = await standing('quarantined')
  assert.equal(tenant, 'default')
  assert.match(text, /^Tenant default in pool default goes by pool away from now on: \d+ % of 1\d/)
  assert.equal(await sourceOf('bob@example.net'), 'apart')
})

test('Over a restart it is as it was, until somebody releases it', async () => {
  await relay.stop()
  await relay.restart()
  assert.equal(await sourceOf('cid@example.net'), 'apart')
  const shown = await run('tenant', 'standing', 'show', 'default')
  assert.match(shown, /standing +quarantined/)
  assert.match(shown, /last 24 hours +\d+ delivered, 1\d without such a recipient/)
  const released = await run('tenant', 'standing', 'release', 'default')
  assert.match(released, /goes by its pool as before: released by/)
  assert.equal(await sourceOf('dan@example.net'), 'own')
})

test('What a person holds waits with that reason, and goes when it is released', async () => {
  await run('tenant', 'standing', 'pin', 'default', 'held', '--reason', 'asked by the bank')
  const id = await send(relay, { to: ['eve@example.net'] })
  const queues = await run('queue', 'list')
  assert.match(queues, /held for how its tenant stands in the pool/)
  await run('tenant', 'standing', 'release', 'default')
  assert.equal((await outcomeOf(relay, id, 'delivered')).source, 'own')
})
