// SPDX-License-Identifier: Apache-2.0
/** A credential that suddenly hands in much more than it uses to: its mail waits, and the operator hears the numbers. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import { baselineLimits } from '../../src/base/limits/baseline-limits.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import type { HeldEvent } from '../../src/events/hold-events.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { periodOf } from '../../src/records/quotas/quota.ts'
import type { Slug } from '../../src/records/records.ts'
import { until } from '../support/in-time.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const HOUR = 3_600_000

test('Mail of a credential that departs far from what it uses to do is held with the numbers', async () => {
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"',
    config: '[baseline]\nleast_new_domains = 5',
    commands: [['stream', 'change', 'transactional', '--gate', 'hold']],
  })
  const [{ id = '' } = {}] = (await relay.json('credential', 'list')) as readonly { id: string }[]
  await relay.stop()
  await rewrite(relay, id)
  await relay.restart()
  // What is counted by the hour must not begin anew in the middle.
  await until(
    () => Date.now() % HOUR < HOUR - 30_000,
    () => 'the hour does not end',
  )

  const submit = async (count: number, domain = (_: number) => 'simulator.invalid') => {
    await using dialog = await openSession(relay)
    const identity = Buffer.from(`\0shop\0${relay.secret}`).toString('base64')
    assert.match(await dialog.say(`AUTH PLAIN ${identity}`), /^235 /)
    return await transact(dialog, {
      mail: '<orders@shop.example>',
      rcpt: Array.from({ length: count }, (_, at) => `<a${at}@${domain(at)}>`),
      content: messageText(),
    })
  }
  assert.match(await submit(10), /^250 /)
  const heldAs = async (reply: string) => {
    const held = await relay.waitForEvent<HeldEvent>(
      (event): event is HeldEvent =>
        event.type === 'message.held' && reply.includes(event.messageId),
    )
    assert.equal(held.by, 'credential')
    return held
  }
  const held = await heldAs(await submit(6, (at) => `strange-${at}.invalid`))
  assert.match(held.why, /for 7 domains .* of 16 recipients; .* had 0 such domains at most$/)
  const large = await heldAs(await submit(1_000))
  assert.match(large.why, /for 1016 recipients .* had 25 on average and 40 at most$/)
  const departed = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'credential.departed',
  )
  assert.equal(departed.text, held.why)
  const cancelled = await relay.json('held', 'cancel', '--credential', id)
  assert.deepEqual(cancelled, { recipients: 1_006 })
})

/** A domain that was verified, and a credential that has been used for a week, and whose domains are known. */
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
  const none = Buffer.alloc(baselineLimits.sketchOctets).toString('base64')
  const generation = Math.floor(now / baselineLimits.generationMs)
  writeFileSync(
    join(relay.dataDir, 'known-domains-0'),
    `${JSON.stringify(['default', credential, now - 200 * HOUR, generation, none, none])}\n`,
  )
}
