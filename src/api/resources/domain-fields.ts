// SPDX-License-Identifier: Apache-2.0
/** What requests and answers about sending domains have in common. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import { zoneText } from '../../records/domains/dns-records.ts'
import type { DomainView } from '../../records/domains/domain-service.ts'
import { dnsRecordKinds, domainStates, type SendingDomain } from '../../records/records.ts'
import { timestamp } from '../http/fields.ts'

export const kind = z.enum(dnsRecordKinds)
export const recordType = z.enum(['TXT', 'MX', 'CNAME'])

export const state = z.enum(domainStates).meta({
  description:
    'pending: not all that is needed has been seen in the DNS yet. failing: it was, and is no more.',
})

export const domain = z.object({
  tenant: z.string(),
  name: z.string(),
  returnPathDomain: z.string(),
  trackingDomain: z.string(),
  state,
  stateReason: z.string().nullable().meta({ description: 'Why it is not verified.' }),
  lacks: z
    .array(kind)
    .meta({ description: 'Which of its records are not seen in the DNS as they should be.' }),
  verifiedAt: timestamp.nullable(),
  rotationAskedAt: timestamp.nullable().meta({ description: 'New keys wait since then.' }),
  createdAt: timestamp,
})

export const dnsRecord = z.object({
  about: kind,
  name: z.string(),
  type: recordType,
  value: z.string().meta({
    description: 'The strings of a TXT record joined; of an MX preference and host.',
  }),
  purpose: z.string(),
})

export const domainWithRecords = domain.extend({
  keys: z.array(
    z.object({
      selector: z.string(),
      algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
      publicKey: z.string(),
      state: z.enum(['next', 'active', 'retiring']).meta({
        description:
          'next: signs when all next keys are seen in the DNS. retiring: signs no more, and stays published for mail on its way.',
      }),
      stateSince: timestamp,
      seenAt: timestamp.nullable().meta({ description: 'Since when its record is seen.' }),
      createdAt: timestamp,
    }),
  ),
  dns: z.array(dnsRecord).meta({ description: 'What to publish.' }),
  zone: z.string().meta({ description: 'The same as lines for a zone file.' }),
})

export type DomainAnswer = z.infer<typeof domain>
export type DomainWholeAnswer = z.infer<typeof domainWithRecords>

export function wholeViewOf({ domain: found, keys, dns }: DomainView) {
  return {
    ...viewOf(found),
    keys: keys.map(({ selector, algorithm, publicKey, state, stateSince, seenAt, createdAt }) => ({
      selector,
      algorithm,
      publicKey,
      state,
      stateSince: timestampOf(stateSince),
      seenAt: seenAt === null ? null : timestampOf(seenAt),
      createdAt: timestampOf(createdAt),
    })),
    dns: [...dns],
    zone: zoneText(dns),
  }
}

export function viewOf({
  tenant,
  name,
  returnPathDomain,
  trackingDomain,
  state,
  stateReason,
  lacks,
  verifiedAt,
  rotationAskedAt,
  createdAt,
}: SendingDomain) {
  return {
    tenant: tenant as string,
    name: name as string,
    returnPathDomain: returnPathDomain as string,
    trackingDomain: trackingDomain as string,
    state,
    stateReason,
    lacks: [...lacks],
    verifiedAt: verifiedAt === null ? null : timestampOf(verifiedAt),
    rotationAskedAt: rotationAskedAt === null ? null : timestampOf(rotationAskedAt),
    createdAt: timestampOf(createdAt),
  }
}
