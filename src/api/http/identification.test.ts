// SPDX-License-Identifier: Apache-2.0
/** Who guesses keys of the API is not heard for a while; who has one that was good before is. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { instant, seconds } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { keyGuardLimits } from '../../base/limits/login-limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SystemRandom } from '../../base/random.ts'
import type { PersonSessions } from '../../control/people/person-sessions.ts'
import { newSecret } from '../../records/credentials/secret.ts'
import type { Directory } from '../../records/directory.ts'
import type { ApiKey, ApiKeyId } from '../../records/records.ts'
import { Identification } from './identification.ts'
import type { AnyRoute } from './route.ts'

const route = { needs: 'read', isNavigation: false } as AnyRoute

let clock: ManualClock
let told: string[]
let good: string
let identification: Identification

beforeEach(() => {
  clock = new ManualClock()
  told = []
  const secret = newSecret(new SystemRandom())
  good = secret.text
  const id = secret.id as string as ApiKeyId
  const key: ApiKey = {
    ...{ id, tenant: null, label: 'x', scopes: ['read'], allowedFrom: [], expiresAt: null },
    secretSha256: secret.sha256,
    createdAt: instant(0),
  }
  identification = new Identification({
    directory: () => ({ apiKeys: new Map([[id, key]]) }) as unknown as Directory,
    sessions: {} as PersonSessions,
    clock,
    onGuessing: (text) => told.push(text),
    uses: { note: () => {} },
  })
})

/** `ok`, or the code of the refusal. */
async function tryKey(secret: string, ip = '192.0.2.7'): Promise<string> {
  const request = { ip, headers: { authorization: `Bearer ${secret}` } } as FastifyRequest
  try {
    await identification.callerOf(route, request)
    return 'ok'
  } catch (thrown) {
    return thrown instanceof RelayError ? thrown.code : String(thrown)
  }
}

async function guess(times: number, ip?: string): Promise<string> {
  let last = ''
  for (let at = 0; at < times; at++) last = await tryKey(newSecret(new SystemRandom()).text, ip)
  return last
}

test('So many wrong keys are free; after them nobody from that network is heard, and it is told once', async () => {
  assert.equal(await guess(keyGuardLimits.freeFailures), 'RLY_UNAUTHENTICATED')
  assert.equal(await guess(5), 'RLY_RATE_LIMITED')
  assert.equal(await tryKey(good), 'RLY_RATE_LIMITED', 'a guess that is right is not told apart')
  assert.equal(await tryKey(good, '198.51.100.1'), 'ok', 'others are heard')
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^keys of the API are guessed from 192\.0\.2\.7.*: 20 wrong ones/)
})

test('A key that was good from there before goes on', async () => {
  assert.equal(await tryKey(good), 'ok')
  assert.equal(await guess(keyGuardLimits.freeFailures + 5), 'RLY_RATE_LIMITED')
  assert.equal(await tryKey(good), 'ok')
})

test('Time pays the debt off, one key after the other', async () => {
  assert.equal(await guess(keyGuardLimits.freeFailures + 2), 'RLY_RATE_LIMITED')
  clock.advance(seconds(keyGuardLimits.failureMs / 1_000))
  assert.equal(await tryKey(good), 'ok')
})

test('Texts that are no keys count as well', async () => {
  for (let at = 0; at <= keyGuardLimits.freeFailures; at++) await tryKey(`no-key-${at}`)
  assert.equal(await tryKey('x'), 'RLY_RATE_LIMITED')
})
