// SPDX-License-Identifier: Apache-2.0
/** `/failures`: mail that failed, by cause, and what has changed since. */
import { z } from 'zod'
import { failedMail } from '../../control/failed-mail.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { searchOf } from './event-query.ts'

const DAY_MS = 24 * 60 * 60_000
const LONGEST_DAYS = 90

const group = z.object({
  cause: z.string().meta({ description: 'A class of refusals; expired, person or unknown.' }),
  recipients: z.int(),
  firstAt: timestamp,
  lastAt: timestamp,
  sites: z.array(
    z.object({
      site: z.string(),
      recipients: z.int(),
      worksSince: timestamp.nullable().meta({
        description: 'The first delivery there after the last of these failures; null: none.',
      }),
    }),
  ),
})

export type FailureAnswer = z.infer<typeof group>

export const list = route({
  id: 'failures.list',
  method: 'GET',
  path: '/failures',
  summary:
    'Lists mail that failed in so many days by cause, the most first unless sorted otherwise.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    sort: sortBy(['cause', 'recipients', 'firstAt', 'lastAt'], '-recipients'),
    days: z.coerce.number().int().min(1).max(LONGEST_DAYS).default(7),
  }),
  answer: pageOf(group).extend({
    isWhole: z.boolean().meta({ description: 'false: there was more than was looked at.' }),
  }),
  run: async ({ scope, query: { days, ...page } }, context) => {
    const tenant = scope.kind === 'tenant' ? scope.tenant : null
    const since = context.records.clock.now() - days * DAY_MS
    const { groups, isWhole } = await failedMail(searchOf(context), tenant, since)
    const items = groups.map((each) => ({ ...each, sites: each.sites.map((at) => ({ ...at })) }))
    return { ...paged(items, ({ cause }) => cause, page), isWhole }
  },
})
