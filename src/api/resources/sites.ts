// SPDX-License-Identifier: Apache-2.0
/** `/sites` and `/explain`: how mail goes out, for the installation alone: receivers know the relay's sources, not its tenants. */
import { z } from 'zod'
import { queueListLimits } from '../../base/limits/http-limits.ts'
import type { SiteRow } from '../../control/queues/queue-views.ts'
import { timestampOf } from '../../events/event.ts'
import type { PathState } from '../../queue/egress-path.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { deskOf } from './desk-of.ts'

const limit = z.object({ name: z.string(), value: z.string(), origin: z.string() })

const shaping = z.object({
  provider: z.string().nullable(),
  limits: z.array(limit),
  binds: z.string().nullable(),
  bindsFrom: z
    .string()
    .nullable()
    .meta({ description: 'File and line of that limit, or "learned".' }),
  until: z.string().nullable(),
})

const state = z.object({
  kind: z.enum(['open', 'backoff', 'probing', 'suspended', 'draining']),
  until: z.string().nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
})

const site = z.object({
  site: z.string(),
  pool: z.string(),
  ready: z.int(),
  connections: z.int(),
  paths: z.array(z.object({ source: z.string(), state, shaping: shaping.nullable() })),
})

export const list = route({
  id: 'sites.list',
  method: 'GET',
  path: '/sites',
  summary: 'Lists sites with mail in hand or at rest, and the state of each path to them.',
  needs: 'read',
  isForInstallation: true,
  query: z.strictObject({ ...pageQuery, sort: sortBy(['pool', 'site', 'ready', 'connections']) }),
  answer: pageOf(site),
  run: async ({ query }, context) => {
    const { sites } = await deskOf(context).queues(queueListLimits.queues, null)
    return paged(sites.map(viewOf), (row) => `${row.pool} ${row.site}`, query)
  },
})

export const explain = route({
  id: 'sites.explain',
  method: 'GET',
  path: '/explain',
  summary: 'How mail to an address would go, and by which limits.',
  needs: 'read',
  isForInstallation: true,
  query: z.strictObject({
    address: z.string().min(1).max(500),
    stream: z
      .string()
      .optional()
      .meta({ description: 'Whose mail is meant; and of a tenant alone with `tenant`.' }),
    campaign: z.string().optional(),
  }),
  answer: z.object({
    address: z.string(),
    domain: z.string(),
    problem: z.string().nullable(),
    site: z.string().nullable(),
    port: z.int().nullable(),
    hosts: z.array(z.object({ preference: z.int(), name: z.string() })),
    targets: z.array(z.object({ host: z.string(), address: z.string() })),
    pools: z
      .array(
        z.object({
          pool: z.string(),
          streams: z.array(z.string()).meta({ description: 'Whose mail takes it: `bulk:shop`.' }),
          streamCount: z.int(),
          waiting: z.int(),
        }),
      )
      .meta({
        description:
          'Pools that mail to it goes from, and others with paths or waiting mail at its site.',
      }),
    paths: z.array(
      z.object({
        pool: z.string(),
        source: z.string(),
        localAddress: z.string().nullable(),
        ehlo: z.string(),
        state: z.string(),
        shaping,
        timeouts: z
          .array(limit)
          .meta({ description: 'How long the receiver may take for each step.' }),
      }),
    ),
    poolRules: z
      .array(z.object({ place: z.int(), pool: z.string(), whose: z.string() }))
      .meta({ description: 'Rules that choose a pool for some mail to it, in their order.' }),
    flows: z
      .array(
        z.object({ whose: z.string(), name: z.string(), value: z.string(), origin: z.string() }),
      )
      .meta({ description: 'Tenants and campaigns whose mail goes slower there.' }),
    campaigns: z
      .array(
        z.object({
          tenant: z.string(),
          campaign: z.string(),
          waiting: z.int(),
          waitsFor: z.string(),
        }),
      )
      .meta({
        description: 'Whose mail to the domain waits for what is decided about them.',
      }),
    tls: z.string().nullable(),
    tlsFrom: z.string().nullable(),
  }),
  run: async ({ query, scope }, context) => {
    const { address, campaign = null, stream } = query
    const tenant = scope.kind === 'tenant' ? scope.tenant : null
    const question = { address, tenant, stream: stream?.toLowerCase() ?? null, campaign }
    const found = await deskOf(context).explain(question)
    return {
      ...found,
      hosts: [...found.hosts],
      pools: found.pools.map((pool) => ({ ...pool, streams: [...pool.streams] })),
      poolRules: [...found.poolRules],
      flows: [...found.flows],
      campaigns: [...found.campaigns],
      targets: [...found.targets],
      paths: found.paths.map((path) => ({
        ...path,
        shaping: shapingOf(path.shaping),
        timeouts: [...path.timeouts],
      })),
    }
  },
})

function viewOf({ paths, ...row }: SiteRow) {
  return {
    ...row,
    paths: paths.map((path) => ({
      source: path.source,
      state: stateOf(path.state),
      shaping: path.shaping && shapingOf(path.shaping),
    })),
  }
}

function stateOf(given: PathState) {
  return {
    kind: given.kind,
    until: 'until' in given ? timestampOf(given.until) : null,
    by: 'by' in given ? given.by : null,
    reason: 'reason' in given ? given.reason : null,
  }
}

function shapingOf(limits: NonNullable<SiteRow['paths'][number]['shaping']>) {
  return { ...limits, limits: [...limits.limits] }
}
