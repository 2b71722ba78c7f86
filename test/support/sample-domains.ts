// SPDX-License-Identifier: Apache-2.0
/** Sending domains and keys as they are right after they were added; a test names what it is about. */
import { instant } from '../../src/base/brand.ts'
import type { Domain } from '../../src/protocol/mailbox.ts'
import {
  lackedAtFirst,
  type SendingDomain,
  type SigningKey,
  type Slug,
} from '../../src/records/records.ts'

export const sampleOwner = { tenant: 'acme' as Slug, domain: 'example.com' as Domain }

export function sampleDomain(
  name: string = sampleOwner.domain,
  change: Partial<SendingDomain> = {},
): SendingDomain {
  return {
    tenant: sampleOwner.tenant,
    name: name as Domain,
    returnPathDomain: `bounce.${name}` as Domain,
    trackingDomain: `click.${name}` as Domain,
    ownershipToken: '0123456789ABCDEFGHJKMNPQRS',
    state: 'pending',
    stateReason: 'Nothing of it has been looked up in the DNS yet.',
    lacks: lackedAtFirst,
    verifiedAt: null,
    rotationAskedAt: null,
    createdAt: instant(3_000),
    ...change,
  }
}

/** With no private key in it. */
export function sampleKey(change: Partial<SigningKey> = {}): SigningKey {
  return {
    ...sampleOwner,
    selector: 's1',
    algorithm: 'rsa-sha256',
    sealedPrivateKey: Uint8Array.of(0, 1, 255),
    publicKey: 'MIIB',
    state: 'active',
    stateSince: instant(4_000),
    seenAt: null,
    isProof: true,
    createdAt: instant(4_000),
    ...change,
  }
}
