// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { instant } from '../base/brand.ts'
import { contentLimits } from '../base/limits/limits.ts'
import { signatureHead } from '../protocol/dkim/signature-field.ts'
import { type Domain, parseDomain } from '../protocol/mailbox.ts'
import { parseHeaderSection } from '../protocol/message/header-section.ts'
import type { PreparedKey } from './prepared-key.ts'
import { Signer } from './signer.ts'

const now = instant(Date.UTC(2026, 5, 1))
const rsa = keyOf('rsa-sha256')
const ed25519 = keyOf('ed25519-sha256')
const header = headerOf('From: a@example.com\r\n')
const bodyHash = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

describe('A signer', () => {
  it('gives no field without keys', async () => {
    assert.equal((await new Signer({ concurrency: 1 }).sign(header, bodyHash, [], now)).length, 0)
  })

  it('puts RSA before Ed25519, whatever the order of the keys', async () => {
    const signer = new Signer({ concurrency: 1 })
    for (const keys of [
      [rsa, ed25519],
      [ed25519, rsa],
    ]) {
      const fields = (await signer.sign(header, bodyHash, keys, now)).toString()
      assert.deepEqual(fields.match(/a=[a-z0-9-]+/g), ['a=rsa-sha256', 'a=ed25519-sha256'])
      assert.match(fields, /^DKIM-Signature: v=1;.+\r\nDKIM-Signature: v=1;.+\r\n$/s)
      assert.match(fields, new RegExp(`t=${now / 1_000};`))
    }
  })

  it('gives each of many messages at once its own signature, the same as one after another would', async () => {
    const signer = new Signer({ concurrency: 2 })
    const headers = Array.from({ length: 40 }, (_, at) => headerOf(`From: a${at}@example.com\r\n`))
    const together = await Promise.all(
      headers.map((fields) => signer.sign(fields, bodyHash, [rsa], now)),
    )
    for (const [at, fields] of headers.entries())
      assert.deepEqual(await signer.sign(fields, bodyHash, [rsa], now), together[at])
  })

  it('takes no more than may wait, and goes on when there is room again', async () => {
    const signer = new Signer({ concurrency: 1 })
    const signing = Array.from({ length: contentLimits.waitingSignatures + 1 }, () =>
      signer.sign(header, bodyHash, [weak], now),
    )
    await assert.rejects(signer.sign(header, bodyHash, [weak], now), { code: 'RLY_BUSY' })
    await Promise.all(signing)
    assert.ok((await signer.sign(header, bodyHash, [weak], now)).length > 0)
  })
})

/** Fast: the queue is what is tested. */
const weak = keyOf('rsa-sha256', 512)

function keyOf(algorithm: PreparedKey['algorithm'], modulusLength = 2_048): PreparedKey {
  const domain = domainOf('example.com')
  const { privateKey } =
    algorithm === 'rsa-sha256'
      ? generateKeyPairSync('rsa', { modulusLength })
      : generateKeyPairSync('ed25519')
  const head = signatureHead(algorithm, domain, 's')
  return { domain, selector: 's', algorithm, privateKey, head }
}

function headerOf(text: string) {
  const section = parseHeaderSection(Buffer.from(text))
  assert.ok(section.kind === 'section')
  return section.fields
}

function domainOf(text: string): Domain {
  const parsed = parseDomain(text)
  assert.ok(parsed)
  return parsed
}
