// SPDX-License-Identifier: Apache-2.0
/** `/domains`: what tenants may send from, with the DNS records that belong to it. */
import { z } from 'zod'
import { checkUpDomain } from '../../control/domain-checkup.ts'
import { rotateKeys } from '../../control/domain-rotation.ts'
import { type CheckedRecord, firstDifference } from '../../control/record-checks.ts'
import { timestampOf } from '../../events/event.ts'
import { RECORD_TTL_S, zoneText } from '../../records/dns-records.ts'
import {
  addDomain,
  type DomainView,
  listDomains,
  removeDomain,
  showDomain,
} from '../../records/domain-service.ts'
import { dnsRecordKinds, type SendingDomain } from '../../records/records.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery } from '../http/page.ts'
import { route } from '../http/route.ts'

const kind = z.enum(dnsRecordKinds)
const recordType = z.enum(['TXT', 'MX', 'CNAME'])

const state = z.enum(['pending', 'verified', 'failing']).meta({
  description:
    'pending: not all that is needed has been seen in the DNS yet. failing: it was, and is no more.',
})

const domain = z.object({
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

const dnsRecord = z.object({
  about: kind,
  name: z.string(),
  type: recordType,
  value: z.string().meta({
    description: 'The strings of a TXT record joined; of an MX preference and host.',
  }),
  purpose: z.string(),
})

const domainWithRecords = domain.extend({
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

const byName = z.strictObject({ name: z.string() })

export const list = route({
  id: 'domains.list',
  method: 'GET',
  path: '/domains',
  summary: 'Lists sending domains.',
  needs: 'read',
  query: z.strictObject(pageQuery),
  answer: pageOf(domain),
  run: async ({ scope, query }, { records }) =>
    paged((await listDomains(records.store, scope)).map(viewOf), ({ name }) => name, query),
})

export const show = route({
  id: 'domains.show',
  method: 'GET',
  path: '/domains/{name}',
  summary: 'Shows a domain, its keys and the DNS records to publish.',
  needs: 'read',
  params: byName,
  answer: domainWithRecords,
  run: async ({ scope, params }, { records, host }) =>
    wholeViewOf(await showDomain(records.store, scope, params.name, host())),
})

export const records = route({
  id: 'domains.records',
  method: 'GET',
  path: '/domains/{name}/records',
  summary: 'Exports the DNS records to publish: each as fields, and all as lines for a zone file.',
  needs: 'read',
  params: byName,
  answer: z.object({
    domain: z.string(),
    records: z.array(dnsRecord.extend({ ttl: z.int().meta({ description: 'Seconds.' }) })),
    zone: z.string().meta({ description: 'RFC 1035 §5; all names are absolute.' }),
  }),
  run: async ({ scope, params }, { records: { store }, host }) => {
    const { domain: found, dns } = await showDomain(store, scope, params.name, host())
    return {
      domain: found.name as string,
      records: dns.map((record) => ({ ...record, ttl: RECORD_TTL_S })),
      zone: zoneText(dns),
    }
  },
})

const checkedRecord = z.object({
  name: z.string(),
  type: recordType,
  about: kind,
  expected: z.string(),
  published: z.array(z.string()),
  differsAt: z.array(z.int()).meta({
    description: 'Of each of these values, the first character that is not as expected.',
  }),
  state: z
    .enum(['ok', 'missing', 'different', 'unknown'])
    .meta({ description: 'unknown: the DNS gave no answer.' }),
  why: z.string().nullable(),
})

const checkAnswer = z.object({
  domain: z.string(),
  state,
  stateReason: z.string().nullable(),
  isReady: z.boolean().meta({ description: 'All of its records are as they should be.' }),
  records: z.array(checkedRecord),
})

export type CheckAnswer = z.infer<typeof checkAnswer>

export const check = route({
  id: 'domains.check',
  method: 'POST',
  path: '/domains/{name}/check',
  summary:
    'Asks the DNS now: what is published beside what is expected, and what is wrong. The state of the domain follows.',
  needs: 'domains',
  params: byName,
  answer: checkAnswer,
  run: async ({ scope, params }, { records, resolver: open, host, rotation, tell }) => {
    await using resolver = await open()
    const context = { resolver, records, host: host(), rotation: rotation(), tell }
    const { domain: found, checked } = await checkUpDomain(context, scope, params.name)
    return {
      domain: found.name as string,
      state: found.state,
      stateReason: found.stateReason,
      isReady: checked.every(({ state }) => state === 'ok'),
      records: checked.map(checkedViewOf),
    }
  },
})

export const rotate = route({
  id: 'domains.rotate',
  method: 'POST',
  path: '/domains/{name}/rotate',
  summary:
    'Makes new DKIM keys and answers with the records to publish. They sign as soon as all of them are seen in the DNS.',
  needs: 'domains',
  params: byName,
  answer: domainWithRecords,
  run: async ({ scope, params }, { records, host, tell }) =>
    wholeViewOf(await rotateKeys({ records, host: host(), tell }, scope, params.name)),
})

export const add = route({
  id: 'domains.add',
  method: 'POST',
  path: '/domains',
  summary: 'Adds a domain with new DKIM keys, and answers with the DNS records to publish.',
  needs: 'domains',
  body: z.strictObject({
    name: z.string(),
    returnPathDomain: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'Where bounces come back; by default bounce.NAME.' }),
    importedKey: z
      .strictObject({ selector: z.string(), pem: z.string().max(20_000) })
      .nullable()
      .default(null)
      .meta({ description: 'A private key that was made elsewhere, in place of new ones.' }),
  }),
  answer: domainWithRecords,
  status: 201,
  run: async ({ scope, body }, { records, host }) =>
    wholeViewOf(await addDomain(records, scope, body, host())),
})

export const remove = route({
  id: 'domains.remove',
  method: 'DELETE',
  path: '/domains/{name}',
  summary: 'Removes a domain and its keys; they cannot be had back.',
  needs: 'domains',
  params: byName,
  answer: domain,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeDomain(records, scope, params.name)),
})

function checkedViewOf({ expected, published, state: found, why }: CheckedRecord) {
  const { name, type, about, value } = expected
  const differsAt = published.map((text) => firstDifference(value, text))
  return {
    name,
    type,
    about,
    expected: value,
    published: [...published],
    differsAt,
    state: found,
    why,
  }
}

function wholeViewOf({ domain: found, keys, dns }: DomainView) {
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

function viewOf({
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
