// SPDX-License-Identifier: Apache-2.0
/** `/failures`: mail that failed, by cause, and what has changed since. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { failedMail } from '../../control/recovery/failed-mail.ts'
import { retryPage } from '../../control/recovery/retry-pages.ts'
import { timestampOf } from '../../events/event.ts'
import { failureClasses } from '../../protocol/classify/failure-class.ts'
import { listBrakes } from '../../records/brake-service.ts'
import { nameOf } from '../http/caller.ts'
import { pointInTime, timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, placeOfSealed, sealedCursor, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { deskOf } from './desk-of.ts'
import { searchOf } from './event-query.ts'

const DAY_MS = 24 * 60 * 60_000
const LONGEST_DAYS = 90

const group = z.object({
  cause: z.string().meta({ description: 'A class of refusals; expired, person or unknown.' }),
  recipients: z.int(),
  retried: z.int().meta({ description: 'Of those, who was sent the mail again.' }),
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
  repairs: z
    .array(z.object({ at: timestamp, what: z.string() }))
    .meta({ description: 'What was changed since the last of them that may have mended it.' }),
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
    const brakes = tenant === null ? await listBrakes(context.records.store) : []
    const { groups, isWhole } = await failedMail(searchOf(context), tenant, since, brakes)
    const items = groups.map((each) => ({
      ...each,
      sites: each.sites.map((at) => ({ ...at })),
      repairs: each.repairs.map((repair) => ({ ...repair })),
    }))
    return { ...paged(items, ({ cause }) => cause, page), isWhole }
  },
})

const causes = [...Object.keys(failureClasses), 'person']

const retryAnswer = z.object({
  sent: z.int().meta({ description: 'Recipients, in new messages; or who would be, of a trial.' }),
  suppressed: z.int(),
  already: z.int().meta({ description: 'Who was sent it again before.' }),
  gone: z.int().meta({ description: 'Of whose mail no content is kept.' }),
  refused: z.int().meta({
    description: 'By the gate of its stream, or the stream is no more, or it is a report.',
  }),
  later: z.int().meta({ description: 'What a quota, memory or the disk does not let in now.' }),
  unanswered: z.int().meta({ description: 'Of whose mail nobody knew: a worker is away.' }),
  reasons: z.array(z.string()),
  until: timestamp.meta({ description: 'What fails from here on is not of it.' }),
  nextCursor: z.string().nullable().meta({ description: 'null: that was all.' }),
})

export type RetryAnswer = z.infer<typeof retryAnswer>

const retryBody = z.strictObject({
  cause: z.enum(causes).meta({ description: 'As the list of failures says it.' }),
  stream: z.string().min(1).max(100).optional(),
  domain: z.string().min(1).max(255).optional().meta({ description: 'Of recipients.' }),
  since: pointInTime.optional().meta({
    description: 'What failed then or later; from the start 7 days ago.',
  }),
  trial: z.boolean().default(false).meta({ description: 'Counts, and sends nothing.' }),
  cursor: z.string().max(1_000).optional(),
})

export type RetryBody = z.infer<typeof retryBody>

export const retry = route({
  id: 'failures.retry',
  method: 'POST',
  path: '/failures/retry',
  summary:
    'Sends mail that failed by a cause again, a page at a time, as new messages and never twice, as far as its content is kept.',
  needs: 'setup',
  body: retryBody,
  answer: retryAnswer,
  run: async ({ body, caller, scope }, context) => {
    const { cursor, trial: isTrial } = body
    const now = context.records.clock.now()
    const { until, after } = placeIn(cursor, context.records.keyring) ?? { until: now, after: null }
    const { counts, next, unanswered } = await retryPage(
      searchOf(context),
      deskOf(context),
      {
        cause: body.cause,
        tenant: scope.kind === 'tenant' ? scope.tenant : null,
        stream: body.stream?.toLowerCase() ?? null,
        domain: body.domain?.toLowerCase() ?? null,
        since: body.since ?? until - 7 * DAY_MS,
        until,
      },
      { isTrial, by: nameOf(caller) },
      after,
    )
    return {
      ...counts,
      unanswered,
      reasons: [...counts.reasons],
      until: timestampOf(until),
      nextCursor: next === null ? null : sealedCursor(`${until} ${next}`, context.records.keyring),
    }
  },
})

function placeIn(
  cursor: string | undefined,
  keyring: Keyring,
): { readonly until: number; readonly after: string } | null {
  const place = placeOfSealed(cursor, keyring)
  if (place === null) return null
  const [, until, after] = /^(\d{1,15}) (.+)$/.exec(place) ?? []
  if (until !== undefined && after !== undefined) return { until: Number(until), after }
  throw new RelayError('RLY_USAGE', 'the cursor is none that was answered before')
}
