// SPDX-License-Identifier: Apache-2.0
/** By chasquid's cases, by what other people's signers make, and by what our own does. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import { corpus, filesOf, withCrlf } from '../../../test/support/corpus.ts'
import { dnsRecords, signMessage } from '../../../test/support/signed-message.ts'
import { type TextLookUp, verifyDkim } from './verify.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const folder = corpus('dkim/chasquid')

describe('DKIM by the cases of chasquid', { skip: folder === null }, () => {
  const files = folder === null ? new Map<string, Buffer>() : filesOf(folder)
  /** A file that leads to another one names it. */
  const textOf = (name: string): string => {
    const text = files.get(name)?.toString('latin1') ?? ''
    return files.has(text.trim()) ? textOf(text.trim()) : text
  }
  for (const [name, expected] of [
    ['01-rfc8463', 'pass pass'],
    ['02-too_many_headers', 'pass pass pass pass pass'],
    ['04-bad_dkim_signature_header', 'permerror'],
    ['05-dns_temp_error', 'temperror pass'],
    ['06-dns_perm_error', 'permerror pass'],
    ['07-algo_mismatch', 'pass pass'],
    ['08-our_signature', 'pass pass pass'],
    // Valid, and believed by none who reads §8.2.
    ['09-limited_body', 'policy pass pass'],
    ['10-strict_domain_check_pass', 'pass pass'],
    ['11-strict_domain_check_fail', 'permerror'],
  ] as const)
    it(name, async () => {
      const octets = withCrlf(Buffer.from(textOf(`${name}.msg`), 'latin1'))
      const verdicts = await verifyDkim(octets, zoneOf(textOf(`${name}.dns`)), NOW)
      assert.equal(verdicts.map(({ result }) => result).join(' '), expected)
    })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ed = generateKeyPairSync('ed25519')
const keys = {
  'rsa-sha256': `v=DKIM1; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  'ed25519-sha256': `v=DKIM1; k=ed25519; p=${ed.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`,
}
const letter = Buffer.from(
  'From: Jane <jane@loop.example>\r\nSubject:  a  \tb\r\n\tfolded \r\nTo: x@y.example\r\n\r\nHello,  \t you \r\n\r\nthere\r\n\r\n\r\n',
)

async function signedBy(
  algorithm: keyof typeof keys,
  canonicalization: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Buffer> {
  const pair = algorithm === 'rsa-sha256' ? rsa : ed
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const { signatures } = await dkimSign(letter, {
    ...{ canonicalization, signTime: new Date(NOW - 1_000) },
    signatureData: [{ signingDomain: 'loop.example', selector: 's', privateKey, algorithm }],
    ...options,
  } as Parameters<typeof dkimSign>[1])
  return Buffer.concat([Buffer.from(signatures), letter])
}

const lookUpOf =
  (text: string): TextLookUp =>
  async (name) =>
    name === 's._domainkey.loop.example' ? [text] : []

async function resultOf(octets: Buffer, key: string): Promise<string> {
  const verdicts = await verifyDkim(octets, lookUpOf(key), NOW)
  return verdicts.map(({ result, domain }) => `${result} ${domain}`).join(', ')
}

describe('A signature that somebody else made', () => {
  for (const algorithm of ['rsa-sha256', 'ed25519-sha256'] as const)
    for (const form of ['simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed'])
      it(`by ${algorithm}, ${form}, holds, and does not once anything is changed`, async () => {
        const octets = await signedBy(algorithm, form)
        const key = keys[algorithm]
        assert.equal(await resultOf(octets, key), 'pass loop.example')
        for (const [was, is] of [
          ['there', 'their'],
          ['Jane', 'Joan'],
          ['Subject:  a', 'Subject:  c'],
          ['\r\n\r\nHello', '\r\nFrom: x@evil.example\r\n\r\nHello'],
        ] as const) {
          const changed = Buffer.from(octets.toString().replace(was, is))
          assert.notEqual(changed.toString(), octets.toString())
          assert.equal(await resultOf(changed, key), 'fail loop.example', was)
        }
      })

  it('is not believed with a revoked or weak key, one for other things, or one that is too large', async () => {
    const octets = await signedBy('rsa-sha256', 'relaxed/relaxed')
    const key = keys['rsa-sha256']
    const weak = generateKeyPairSync('rsa', { modulusLength: 768 }).publicKey
    for (const [record, expected] of [
      ['v=DKIM1; p=', 'permerror'],
      [`s=tlsrpt; ${key.slice(9)}`, 'permerror'],
      [`h=sha1; ${key.slice(9)}`, 'permerror'],
      [keys['ed25519-sha256'], 'permerror'],
      ['v=DKIM1; p=nonsense', 'permerror'],
      ['v=DKIM1; p=a; p=b', 'permerror'],
      [`p=${weak.export({ type: 'spki', format: 'der' }).toString('base64')}`, 'policy'],
      [`p=${rsa.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')}`, 'pass'],
    ] as const)
      assert.equal(await resultOf(octets, record), `${expected} loop.example`, record)
  })

  it('is not believed later than it says', async () => {
    const octets = await signedBy('rsa-sha256', 'relaxed/relaxed', {
      expires: new Date(NOW + 60_000),
    })
    const lookUp = lookUpOf(keys['rsa-sha256'])
    const [early] = await verifyDkim(octets, lookUp, NOW)
    const [late] = await verifyDkim(octets, lookUp, NOW + 120_000)
    assert.deepEqual([early?.result, late?.result], ['pass', 'fail'])
  })
})

describe('Signatures of ours', () => {
  it('hold, both of them', async () => {
    const signed = await signMessage([Buffer.from(String(letter).replaceAll('loop.', ''))])
    assert.ok(signed.kind === 'signed')
    const lookUp: TextLookUp = async (name) => [dnsRecords.get(name) ?? '']
    const verdicts = await verifyDkim(signed.octets, lookUp, NOW)
    assert.deepEqual(
      verdicts.map(({ result, domain }) => `${result} ${domain}`),
      ['pass example.com', 'pass example.com'],
    )
  })
})

/** `name: text \` on lines that go on; of a name with an error there is no answer. */
function zoneOf(text: string): TextLookUp {
  const records = new Map<string, string[] | null>()
  for (const line of text.replaceAll(/\\\r?\n\s*/g, '').split('\n')) {
    const at = line.indexOf(':')
    if (at <= 0) continue
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    if (/TEMPERROR/i.test(value)) records.set(name, null)
    else if (!/PERMERROR/i.test(value)) records.set(name, [...(records.get(name) ?? []), value])
  }
  return async (name) => {
    const found = records.get(name)
    return found === undefined ? [] : found
  }
}
