// SPDX-License-Identifier: Apache-2.0
/** Content that went through the content stage, with keys of its own and the TXT records that a verifier asks for. */
import assert from 'node:assert/strict'
import { type Instant, instant } from '../../src/base/brand.ts'
import { Keyring } from '../../src/base/keyring.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { ContentAssembler } from '../../src/content/content-assembler.ts'
import type { ContentOptions } from '../../src/content/content-options.ts'
import type { ContentPolicy } from '../../src/content/content-policy.ts'
import { ContentPreparation } from '../../src/content/content-preparation.ts'
import type { HeaderFacts } from '../../src/content/header-facts.ts'
import { prepareKey } from '../../src/content/prepared-key.ts'
import { Signer } from '../../src/content/signer.ts'
import { parseMessageId } from '../../src/events/ids.ts'
import { parseDomain } from '../../src/protocol/mailbox.ts'
import type { Reply } from '../../src/protocol/reply.ts'
import { dnsRecordsOf } from '../../src/records/domains/dns-records.ts'
import { generateSigningKeys } from '../../src/records/domains/signing-keys.ts'
import { parseSlug } from '../../src/records/records.ts'
import { streamPolicies } from '../../src/records/stream-defaults.ts'
import { sampleDomain } from './sample-domains.ts'

/** Long ago for every verifier's clock. */
const now: Instant = instant(Date.UTC(2026, 0, 5, 12))
const id = parseMessageId('01JZ0000000000000000000000')
const domain = parseDomain('example.com')
const tenant = parseSlug('shop')
assert.ok(id && domain && tenant)

const random = new SystemRandom()
const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 7)]]), random)
const records = { keyring, clock: new ManualClock(now), random }
const signingKeys = await generateSigningKeys(records, { tenant, domain })
const preparedKeys = signingKeys.map((key) => prepareKey(key, keyring))
const signer = new Signer({ concurrency: 1 })

export const contentOptions: ContentOptions = {
  id,
  hostname: 'relay.example',
  now,
  trace: { address: '192.0.2.7', helo: 'client.example', protocol: 'ESMTPSA', tls: null },
  forRecipient: null,
  smtputf8: false,
  priority: 0,
}

const sendingDomain = sampleDomain(domain, { tenant, createdAt: now })

/** What the domain's owner was told to publish, by name: `selector._domainkey.example.com`. */
export const dnsRecords: ReadonlyMap<string, string> = new Map(
  dnsRecordsOf(sendingDomain, signingKeys, { hostname: 'relay.example', addresses: [] })
    .filter(({ name }) => name.includes('._domainkey.'))
    .map(({ name, value }) => [name, value]),
)

export type SignedMessage =
  | {
      readonly kind: 'signed'
      /** Signature fields and content, as it goes over the wire. */
      readonly octets: Buffer
      readonly signature: Buffer
      readonly content: Buffer
      readonly facts: HeaderFacts
    }
  | { readonly kind: 'refused'; readonly reply: Reply }

/** Signs whatever From says with the keys of `example.com`. */
export async function signMessage(
  chunks: readonly Uint8Array[],
  options: Partial<ContentOptions> = {},
  policy: ContentPolicy = streamPolicies('transactional'),
): Promise<SignedMessage> {
  const preparation = new ContentPreparation(policy)
  const assembler = new ContentAssembler({ ...contentOptions, ...options })
  const assemble = (prepared: readonly Uint8Array[]) =>
    prepared.flatMap((chunk) => [...assembler.write(chunk)])
  const written = chunks.flatMap((chunk) => assemble(preparation.write(chunk)))
  written.push(...assemble(preparation.finish()))
  const assembled = assembler.finish()
  if (preparation.fault !== null) return { kind: 'refused', reply: preparation.fault }
  if (assembled.kind === 'fault') return { kind: 'refused', reply: assembled.reply }
  const content = Buffer.concat([...written, ...assembled.chunks])
  assert.equal(content.length, assembled.size)
  const { header, bodyHash, facts } = assembled
  const signature = await signer.sign(header, bodyHash, preparedKeys, now)
  return { kind: 'signed', octets: Buffer.concat([signature, content]), signature, content, facts }
}
