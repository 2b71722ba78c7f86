// SPDX-License-Identifier: Apache-2.0
/** `/domains`: what tenants may send from, with the DNS records that belong to it. */
import { z } from 'zod'
import { checkUpDomain } from '../../control/domains/domain-checkup.ts'
import { moveDomain } from '../../control/domains/domain-move.ts'
import { rotateKeys } from '../../control/domains/domain-rotation.ts'
import { type CheckedRecord, firstDifference } from '../../control/domains/record-checks.ts'
import { RECORD_TTL_S, zoneText } from '../../records/domains/dns-records.ts'
import {
  addDomain,
  listDomains,
  removeDomain,
  showDomain,
} from '../../records/domains/domain-service.ts'
import { domainStates } from '../../records/records.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import {
  dnsRecord,
  domain,
  domainWithRecords,
  kind,
  recordType,
  state,
  viewOf,
  wholeViewOf,
} from './domain-fields.ts'

const byName = z.strictObject({ name: z.string() })

export const list = route({
  id: 'domains.list',
  method: 'GET',
  path: '/domains',
  summary: 'Lists sending domains.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(domainStates),
    sort: sortBy(['name', 'createdAt']),
  }),
  answer: pageOf(domain),
  run: async ({ scope, query }, { records }) =>
    paged(
      inState(await listDomains(records.store, scope), query.state, ({ state }) => state).map(
        viewOf,
      ),
      // Several tenants may have one name.
      ({ tenant, name }) => `${tenant}/${name}`,
      query,
    ),
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

export const change = route({
  id: 'domains.change',
  method: 'PATCH',
  path: '/domains/{name}',
  summary:
    'Changes where bounces of a domain come back and where its links lead, for mail that comes from here on. What is not given stays; what is seen in the DNS now must be seen at the new place first.',
  needs: 'domains',
  params: byName,
  body: z.strictObject({
    returnPathDomain: z.string().optional(),
    trackingDomain: z.string().optional(),
  }),
  answer: domainWithRecords,
  run: async ({ scope, params, body }, { records, resolver: open, host }) => {
    await using resolver = await open()
    return wholeViewOf(
      await moveDomain({ resolver, records, host: host() }, scope, params.name, body),
    )
  },
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
