// SPDX-License-Identifier: Apache-2.0
/** Endpoints of webhooks as records: what may be set up, what is shown, and what never can be right. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { WebhookAnswer } from '../../src/api/resources/webhook-fields.ts'
import { hours, minutes, ms } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import { newKeyFile, parseKeyFile } from '../../src/base/keyring.ts'
import { webhookLimits } from '../../src/base/limits/webhook-limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import type { RecordsContext } from '../../src/records/records-context.ts'
import { retrySchedules } from '../../src/records/stream-defaults.ts'
import { removeStream } from '../../src/records/stream-service.ts'
import { installationScope, tenantScope } from '../../src/records/tenant-scope.ts'
import { addTenant } from '../../src/records/tenant-service.ts'
import { signingKeysOf } from '../../src/records/webhooks/webhook-secret.ts'
import {
  addWebhook,
  changeWebhook,
  listWebhooks,
  rotateWebhook,
  showWebhook,
} from '../../src/records/webhooks/webhook-service.ts'
import { CommandLine } from '../support/command-line.ts'

const random = new SystemRandom()
const newWebhook = {
  ...{ url: 'https://Example.com/hooks#part', stream: null, note: null, types: null },
  ...{ batchEvents: null, batchWait: null, isPaused: null },
}

describe('the service over webhooks', () => {
  let folder: string
  let clock: ManualClock
  let context: RecordsContext

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthaste-webhooks-'))
    clock = new ManualClock()
    const store = await openSqliteStore(join(folder, 'records.sqlite'))
    const keyring = parseKeyFile(newKeyFile(random), 'test.key', random)
    context = { store, keyring, clock, random }
    for (const id of ['acme', 'beta'])
      await addTenant(context, { id, name: null, retry: retrySchedules })
  })

  afterEach(async () => {
    await context.store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const acme = tenantScope('acme' as never)
  const add = (given: Partial<typeof newWebhook> | object = {}) =>
    addWebhook(context, acme, { ...newWebhook, ...given }, false)

  it('seals a secret that is shown once', async () => {
    const { webhook, secret } = await add()
    assert.equal(webhook.url, 'https://example.com/hooks')
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    const [key] = signingKeysOf(webhook, context.keyring, clock.now())
    assert.equal(`whsec_${key?.toString('base64')}`, secret)
    assert.ok(!Buffer.from(webhook.sealedSecret).includes(key ?? ''))
  })

  it('lets both secrets sign while a rotation overlaps', async () => {
    const { webhook, secret } = await add()
    const made = await rotateWebhook(context, acme, webhook.id, hours(1))
    const keys = () =>
      signingKeysOf(made.webhook, context.keyring, clock.now()).map(
        (key) => `whsec_${key.toString('base64')}`,
      )
    assert.deepEqual(keys(), [made.secret, secret])
    clock.advance(hours(1))
    assert.deepEqual(keys(), [made.secret])
    const atOnce = await rotateWebhook(context, acme, webhook.id, ms(0))
    assert.equal(atOnce.webhook.sealedOldSecret, null)
  })

  it('changes what is given, and keeps a stream that an endpoint tells of', async () => {
    const { webhook } = await add({ stream: 'bulk', types: ['message.*', 'message.*'] })
    assert.deepEqual(webhook.types, ['message.*'])
    const { url: _, ...change } = newWebhook
    const paused = { ...change, url: null, isPaused: true }
    const changed = await changeWebhook(context, acme, webhook.id.toLowerCase(), paused, false)
    assert.deepEqual(changed, { ...webhook, isPaused: true })
    await assert.rejects(
      removeStream(context, acme, 'bulk'),
      refused('RLY_RECORD_IN_USE', new RegExp(`webhooks "${webhook.id}"`)),
    )
  })

  it('shows one tenant nothing of another', async () => {
    const { webhook } = await add()
    const beta = tenantScope('beta' as never)
    assert.deepEqual(await listWebhooks(context.store, beta), [])
    const crossed = async (id: string) =>
      String(await showWebhook(context.store, beta, id).catch(String))
    assert.equal(await crossed(webhook.id), (await crossed('NONE')).replace('NONE', webhook.id))
    const { url: _, ...change } = newWebhook
    await assert.rejects(
      changeWebhook(context, beta, webhook.id, { ...change, url: null }, false),
      refused('RLY_RECORD_UNKNOWN', /no webhook/),
    )
  })

  it('bounds endpoints of a tenant', async () => {
    for (let count = 0; count < webhookLimits.perTenant; count++) await add()
    await assert.rejects(add(), refused('RLY_RECORD_INVALID', /50 are the most/))
    await addWebhook(context, tenantScope('beta' as never), newWebhook, false)
  })

  it('takes http:// where the operator has named networks', async () => {
    const url = 'http://10.0.0.5:8080/hooks'
    const { webhook } = await addWebhook(context, acme, { ...newWebhook, url }, true)
    assert.equal(webhook.url, url)
  })

  for (const [given, says] of [
    [{ url: 'ftp://example.com/' }, /no URL/],
    [{ url: 'example.com' }, /no URL/],
    [{ url: 'http://example.com/' }, /in the clear/],
    [{ url: 'https://ann:secret@example.com/' }, /password/],
    [{ url: `https://example.com/${'x'.repeat(2_000)}` }, /at most 2000 characters/],
    [{ types: ['message.delivred'] }, /did you mean "message.delivered"/],
    [{ types: ["x' or 1=1"] }, /no type of event/],
    [{ batchEvents: 0 }, /1 to 1000 events/],
    [{ batchWait: minutes(2) }, /waits at most 1 m/],
  ] as const)
    it(`refuses ${JSON.stringify(given).slice(0, 60)}`, async () => {
      await assert.rejects(add(given), refused('RLY_RECORD_INVALID', says))
    })

  it('names the nearest stream', async () => {
    await assert.rejects(add({ stream: 'blk' }), refused('RLY_RECORD_UNKNOWN', /mean "bulk"/))
    await assert.rejects(
      addWebhook(context, installationScope, newWebhook, false),
      refused('RLY_RECORD_INVALID', /say which tenant/),
    )
  })
})

it('"posthaste webhook" adds, shows and changes an endpoint', async () => {
  await using shell = await CommandLine.open()
  await shell.init('relay.example.com')
  const { secret, ...made } = (await shell.json(
    ...['webhook', 'add', 'https://example.com/hooks', '--types', 'message.*', '--batch', '50'],
  )) as WebhookAnswer & { readonly secret: string }
  const changed = await shell.json('webhook', 'change', made.id, '--pause', '--types', '')
  assert.deepEqual(changed, { ...made, isPaused: true, types: [] })
  const shown = await shell.run('webhook', 'show', made.id)
  assert.match(shown.stdout, /up to 50 events within 1\.0 s/)
  assert.ok(secret.startsWith('whsec_') && !shown.stdout.includes(secret))
})

function refused(code: string, says: RegExp) {
  return (thrown: unknown) =>
    thrown instanceof RelayError && thrown.code === code && says.test(thrown.message)
}
