// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scramClient } from '../../../test/support/scram-client.ts'
import { instant, ms } from '../../base/brand.ts'
import { newKeyFile, parseKeyFile } from '../../base/keyring.ts'
import { loginLimits } from '../../base/limits/limits.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SystemRandom } from '../../base/random.ts'
import { beginScram, endScram, readScramFirst } from '../../protocol/smtp/scram.ts'
import { sealScram } from '../../records/credentials/scram-secret.ts'
import { newSecret } from '../../records/credentials/secret.ts'
import type { Directory } from '../../records/directory.ts'
import type { Credential, Slug } from '../../records/records.ts'
import { Logins } from './logins.ts'

const random = new SystemRandom()
const keyring = parseKeyFile(newKeyFile(random), 'key', random)
const ADDRESS = '192.0.2.1'

function credentialWith(isForScram: boolean) {
  const { id, text, sha256 } = newSecret(random)
  const sealedScram = isForScram ? sealScram(id, text, keyring, random) : null
  const credential: Credential = {
    id,
    tenant: 'shop' as Slug,
    label: '',
    stream: null,
    secretSha256: sha256,
    sealedScram,
    isSandbox: false,
    isDisabled: false,
    createdAt: instant(0),
  }
  return { credential, secret: text }
}

const plain = credentialWith(false)
const scram = credentialWith(true)

function newLogins(credentials: readonly Credential[] = [plain.credential, scram.credential]) {
  const clock = new ManualClock()
  const told: string[] = []
  const directory = {
    credentials: new Map(credentials.map((one) => [one.id, one])),
    offersScram: credentials.some(({ sealedScram }) => sealedScram !== null),
    stream: (_: Slug, name: Slug) => (name === 'bulk' ? {} : null),
  } as unknown as Directory
  const logins = new Logins({
    clock,
    random,
    keyring,
    directory: () => directory,
    log: silentLog,
    onGuessing: (text, tenant) => told.push(`${tenant}: ${text}`),
  })
  return { logins, clock, told }
}

function bySecret(logins: Logins, secret: string, userName = 'app') {
  const verdict = logins.authenticate(ADDRESS, { kind: 'secret', userName, secret })
  return verdict.kind === 'unheard' ? verdict.kind : verdict.identity
}

function byScram(logins: Logins, userName: string, secret: string) {
  const client = scramClient(userName, secret)
  const first = readScramFirst(client.first)
  assert.ok(first)
  const { keys, nonce } = logins.scram(userName)
  const exchange = beginScram(first, keys, nonce)
  const result = endScram(exchange, client.final(exchange.serverFirst))
  assert.ok(result)
  const { isProven } = result
  const verdict = logins.authenticate(ADDRESS, { kind: 'proof', userName, isProven })
  return verdict.kind === 'unheard' ? verdict.kind : verdict.identity
}

test('a secret finds its credential, and the user name may select a stream', () => {
  const { logins } = newLogins()
  assert.deepEqual(bySecret(logins, plain.secret), { credential: plain.credential, stream: null })
  assert.deepEqual(bySecret(logins, plain.secret, 'Bulk'), {
    credential: plain.credential,
    stream: 'bulk',
  })
  assert.deepEqual(bySecret(logins, scram.secret), { credential: scram.credential, stream: null })
})

test('a proof finds the credential that the user name names, and its stream', () => {
  const { logins } = newLogins()
  const { id } = scram.credential
  for (const userName of [id, id.toLowerCase(), `ph_${id}`])
    assert.deepEqual(byScram(logins, userName, scram.secret), {
      credential: scram.credential,
      stream: null,
    })
  assert.equal(
    (byScram(logins, `${id}/bulk`, scram.secret) as { stream: string } | null)?.stream,
    'bulk',
  )
})

test('nobody is let in by a wrong secret, an unknown id, or by SCRAM without keys for it', () => {
  const { logins } = newLogins()
  assert.equal(bySecret(logins, plain.secret.replace(/.$/, '!')), null)
  assert.equal(bySecret(logins, newSecret(random).text), null)
  assert.equal(byScram(logins, scram.credential.id, plain.secret), null)
  assert.equal(byScram(logins, plain.credential.id, plain.secret), null)
  assert.equal(byScram(logins, newSecret(random).id, scram.secret), null)
})

test('an unknown user of SCRAM has a salt of their own, the same at each try and in each stream', () => {
  const { logins } = newLogins()
  const saltOf = (userName: string) => Buffer.from(logins.scram(userName).keys.salt).toString('hex')
  const unknown = newSecret(random).id
  assert.equal(saltOf(unknown), saltOf(unknown.toLowerCase()))
  assert.equal(saltOf(unknown), saltOf(`${unknown}/bulk`))
  assert.equal(saltOf(scram.credential.id), saltOf(`${scram.credential.id}/bulk`))
  assert.notEqual(saltOf(unknown), saltOf(newSecret(random).id))
  assert.notEqual(saltOf(unknown), saltOf(plain.credential.id))
  const { keys } = logins.scram(unknown)
  const known = logins.scram(scram.credential.id).keys
  assert.equal(keys.iterations, known.iterations)
  assert.equal(keys.salt.length, known.salt.length)
})

test('SCRAM is offered where somebody can use it', () => {
  assert.deepEqual(newLogins([plain.credential]).logins.mechanisms(), ['PLAIN', 'LOGIN'])
  assert.deepEqual(newLogins().logins.mechanisms(), ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'])
})

test('keys that this process cannot open let nobody in, and do no harm', () => {
  const other = parseKeyFile(newKeyFile(random), 'other', random)
  const sealedScram = sealScram(scram.credential.id, scram.secret, other, random)
  const { logins } = newLogins([{ ...scram.credential, sealedScram }])
  assert.equal(byScram(logins, scram.credential.id, scram.secret), null)
})

test('guessing is told once, with whose credential it is, and then now and then with a count', () => {
  const { logins, clock, told } = newLogins()
  const wrong = `ph_${plain.credential.id}_${'0'.repeat(32)}`
  for (let at = 0; at < loginLimits.freeFailures; at++) bySecret(logins, wrong)
  assert.equal(told.length, 1)
  assert.match(
    told[0] ?? '',
    new RegExp(`^shop: the secret of ${plain.credential.id} is guessed from 192`),
  )
  const guessFrom = (address: string) => {
    for (let at = 0; at < loginLimits.freeFailures; at++)
      logins.authenticate(address, { kind: 'secret', userName: '', secret: 'x' })
  }
  for (const address of ['192.0.2.2', '192.0.2.3']) guessFrom(address)
  assert.equal(told.length, 1)
  clock.advance(ms(loginLimits.eventPauseMs))
  guessFrom('192.0.2.4')
  assert.match(
    told[1] ?? '',
    /^null: secrets are guessed from 192\.0\.2\.4, and 2 others before: 10 /,
  )
})

test('a right secret is not even looked at where too many were wrong', () => {
  const { logins } = newLogins()
  for (let at = 0; at < 100; at++) bySecret(logins, 'x')
  assert.equal(bySecret(logins, plain.secret), 'unheard')
})
