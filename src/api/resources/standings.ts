// SPDX-License-Identifier: Apache-2.0
/** `/standings`: how tenants stand in the pools that they share with others. */
import { z } from 'zod'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import type { StandingView } from '../../control/standings/standing-service.ts'
import { timestampOf } from '../../events/event.ts'
import { hourOf } from '../../queue/standing/standing.ts'
import { standingStates, sumOf } from '../../records/standing.ts'
import { nameOf } from '../http/caller.ts'
import { timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'

const counts = z.object({
  delivered: z.int(),
  unknown: z.int().meta({ description: 'Bounced, since there is no such recipient.' }),
  refused: z.int().meta({ description: 'Refused or put off for what the mail is.' }),
  complained: z.int(),
})

const standing = z.object({
  tenant: z.string(),
  pool: z.string(),
  state: z.enum(standingStates).meta({
    description:
      'watched: nothing follows yet. quarantined: its mail goes by the quarantine pool. held: it waits.',
  }),
  why: z.string().nullable(),
  since: timestamp.nullable(),
  isShared: z
    .boolean()
    .meta({ description: 'Others send by the pool too. Alone, nothing ever follows.' }),
  pinnedBy: z.string().nullable(),
  lastDay: counts,
  lastWeek: counts,
  decisions: z.array(z.object({ at: timestamp, kind: z.enum(standingStates), text: z.string() })),
})

export type StandingAnswer = z.infer<typeof standing>

const place = {
  tenant: z.string(),
  pool: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'null: the one that is meant, where the tenant sends by one alone.' }),
}

export const list = route({
  id: 'standings.list',
  method: 'GET',
  path: '/standings',
  summary: 'Lists how tenants stand in each pool that they send by, with what was counted.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(standingStates),
    sort: sortBy(['tenant', 'pool', 'state']),
  }),
  answer: pageOf(standing),
  run: async ({ query, scope }, { records, standings }) => {
    const hour = hourOf(records.clock.now())
    const all = (await standings.list(scope)).map((view) => answerOf(view, hour))
    const found = inState(all, query.state, ({ state }) => state)
    return paged(found, ({ pool, tenant }) => `${tenant} ${pool}`, query)
  },
})

export const pin = route({
  id: 'standings.pin',
  method: 'POST',
  path: '/standings/pin',
  summary: 'Says how a tenant stands, whatever is counted, until it is released.',
  needs: 'admin',
  isForInstallation: true,
  body: z.strictObject({
    ...place,
    state: z.enum(standingStates),
    reason: z.string().max(500).default(''),
  }),
  answer: standing,
  run: async ({ body, caller }, { records, standings }) => {
    const { pool, reason, state, tenant } = body
    const view = await standings.pin(tenant, pool, state, nameOf(caller), reason)
    return answerOf(view, hourOf(records.clock.now()))
  },
})

export const release = route({
  id: 'standings.release',
  method: 'POST',
  path: '/standings/release',
  summary: 'Ends a pin, a hold, a quarantine or a watch: what was counted so far counts no more.',
  needs: 'admin',
  isForInstallation: true,
  body: z.strictObject(place),
  answer: standing,
  run: async ({ body: { pool, tenant }, caller }, { records, standings }) =>
    answerOf(await standings.release(tenant, pool, nameOf(caller)), hourOf(records.clock.now())),
})

function answerOf(view: StandingView, hour: number): StandingAnswer {
  const { place, position } = view.standing
  const { pin: pinned, since, state } = position
  const within = (hours: number) => sumOf(view.hours.filter((each) => each.hour > hour - hours))
  return {
    ...place,
    state: state.kind,
    why: 'reason' in state ? state.reason : null,
    since: since === 0 ? null : timestampOf(since),
    isShared: view.hasNeighbours,
    pinnedBy: pinned?.by ?? null,
    lastDay: within(standingLimits.shortHours),
    lastWeek: within(standingLimits.longHours),
    decisions: view.decisions.map(({ at, kind, text }) => ({ at: timestampOf(at), kind, text })),
  }
}
