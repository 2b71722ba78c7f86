// SPDX-License-Identifier: Apache-2.0
/** `/rates`: how much of delivered mail bounces and is complained about. */
import { z } from 'zod'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { bounceRate, complaintRate, type RateSum, rateDimensions } from '../../records/rate.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'

const rate = z.object({
  tenant: z.string(),
  by: z.enum(rateDimensions),
  name: z.string(),
  delivered: z.int(),
  bounced: z.int().meta({ description: 'At once.' }),
  reported: z.int().meta({ description: 'Bounced by a report after it was delivered.' }),
  complained: z.int(),
  unsubscribed: z.int(),
  complaintRate: z.number().meta({ description: 'Of what was delivered, 0 to 1.' }),
  bounceRate: z.number().meta({ description: 'Of what came to an end, 0 to 1.' }),
})

export type RateAnswer = z.infer<typeof rate>

export const list = route({
  id: 'rates.list',
  method: 'GET',
  path: '/rates',
  summary:
    'Lists complaints and bounces of the mail of so many days, by what it went by; of more than 1,000 names those with most complaints.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    sort: sortBy(
      ['name', 'delivered', 'bounced', 'complained', 'complaintRate', 'bounceRate'],
      '-complained',
    ),
    by: z.enum(rateDimensions).default('stream'),
    days: z.coerce.number().int().min(1).max(rateLimits.keptDays).default(rateLimits.windowDays),
  }),
  answer: pageOf(rate),
  run: async ({ query: { by, days, ...page }, scope }, { records }) => {
    const today = Math.floor(records.clock.now() / rateLimits.dayMs)
    const tenant = scope.kind === 'tenant' ? scope.tenant : undefined
    const found = await records.store.rates.sums(
      {
        since: today - days + 1,
        dimension: by,
        ...(tenant !== undefined && { tenant }),
      },
      rateLimits.listed,
    )
    return paged(found.map(viewOf), ({ tenant, name }) => `${tenant}/${name}`, page)
  },
})

function viewOf(sum: RateSum) {
  const { dimension, told: _, ...counts } = sum
  return {
    ...counts,
    by: dimension,
    complaintRate: complaintRate(sum),
    bounceRate: bounceRate(sum),
  }
}
