// SPDX-License-Identifier: Apache-2.0
/** A credential that suddenly hands in much more than it uses to: its mail waits, and the operator hears the numbers. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import type { HeldEvent } from '../../src/events/hold-events.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { periodOf } from '../../src/records/quota.ts'
import type { Slug } from '../../src/records/records.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const HOUR = 3_600_000

test('Mail of a credential that departs far from what it uses to send is held with the numbers', async () => {
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"',
    commands: [['stream', 'change', 'transactional', '--gate', 'hold']],
  })
  const [{ id = '' } = {}] = (await relay.json('credential', 'list')) as readonly { id: string }[]
  await relay.stop()
  await rewrite(relay, id)
  await relay.restart()

  const submit = async (count: number) => {
    await using dialog = await openSession(relay)
    const identity = Buffer.from(`\0shop\0${relay.secret}`).toString('base64')
    assert.match(await dialog.say(`AUTH PLAIN ${identity}`), /^235 /)
    return await transact(dialog, {
      mail: '<orders@shop.example>',
      rcpt: Array.from({ length: count }, (_, at) => `<a${at}@simulator.invalid>`),
      content: messageText(),
    })
  }
  assert.match(await submit(10), /^250 /)
  const reply = await submit(1_000)
  const held = await relay.waitForEvent<HeldEvent>(
    (event): event is HeldEvent => event.type === 'message.held',
  )
  assert.ok(reply.includes(held.messageId), reply)
  assert.equal(held.by, 'credential')
  assert.match(held.why, /for 1010 recipients .* had 25 on average and 40 at most$/)
  const departed = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'credential.departed',
  )
  assert.equal(departed.text, held.why)
  const cancelled = await relay.json('held', 'cancel', '--credential', id)
  assert.deepEqual(cancelled, { recipients: 1_000 })
})

/** A domain that was verified, and a credential that has been used for a week. */
async function rewrite(relay: RunningRelay, credential: string): Promise<void> {
  await using store = await openSqliteStore(join(relay.dataDir, 'store.sqlite'))
  const [domain] = await store.domains.list()
  assert.ok(domain)
  await store.domains.put({ ...domain, state: 'verified', stateReason: null, lacks: [] })
  const now = Date.now()
  const counts = [40, 10].map((recipients, at) => ({
    tenant: 'default' as Slug,
    kind: 'credential' as const,
    name: `usual:${credential}`,
    period: 'hour' as const,
    startedAt: periodOf('hour', instant(now - (150 - at) * HOUR)).startsAt,
    recipients,
  }))
  await store.transaction((inner) => inner.quotaUsage.add(counts))
}
