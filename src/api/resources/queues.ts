// SPDX-License-Identifier: Apache-2.0
/** `/queues`: what waits, where and why, and what a person does about it. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { queueListLimits } from '../../base/limits/http-limits.ts'
import type { MailOf } from '../../control/queues/credential-mail.ts'
import { timestampOf } from '../../events/event.ts'
import { idAtHand } from '../../records/credentials/secret.ts'
import type { Suspension } from '../../records/records.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import { parseQueueName } from '../../spool/queue-name.ts'
import type { ApiContext } from '../http/api-context.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { deskOf } from './desk-of.ts'
import {
  ownPattern,
  ownQueue,
  queue,
  queuePattern,
  queueText,
  viewOf,
  waitingRecipient,
  whoActs,
  withinOwn,
} from './queue-fields.ts'

const some = { queue: queuePattern }
const because = { ...some, reason: z.string().min(1).max(500) }
const concerned = z.object({
  queue: z.string(),
  recipients: z.int().meta({ description: 'How many it concerned.' }),
})
const credentialId = z.string().min(1).max(64)
const suspension = z.object({
  queue: z.string(),
  by: z.string(),
  reason: z.string(),
  createdAt: timestamp,
})

export const list = route({
  id: 'queues.list',
  method: 'GET',
  path: '/queues',
  summary: `Lists queues with somebody waiting; of more than ${queueListLimits.queues} the largest.`,
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    credential: credentialId.optional().meta({
      description: 'Of what came with this credential or key alone; who is held counts as waiting.',
    }),
    stream: z.string().optional(),
    campaign: z.string().optional(),
    domain: z.string().optional(),
    sort: sortBy(['queue', 'total', 'nextDueAt']),
  }),
  answer: pageOf(queue),
  run: async ({ scope, query: { credential, stream, campaign, domain, ...page } }, context) => {
    const tenant = scope.kind === 'tenant' ? scope.tenant : null
    const desk = deskOf(context)
    const { queues } =
      credential === undefined
        ? await desk.queues(queueListLimits.queues, tenant)
        : await desk.queuesOf(await mailOf(scope, credential, context), queueListLimits.queues)
    const wanted = queues.filter(
      (row) =>
        (stream === undefined || row.stream === stream) &&
        (campaign === undefined || row.campaign === campaign) &&
        (domain === undefined || row.domain === domain.toLowerCase()),
    )
    return paged(wanted.map(viewOf), (row) => row.queue, page)
  },
})

export const show = route({
  id: 'queues.show',
  method: 'GET',
  path: '/queues/{queue}',
  summary: 'Shows a queue, and the first who wait in it.',
  needs: 'read',
  params: z.strictObject({ queue: queueText }),
  query: z.strictObject({
    recipients: z.coerce.number().int().min(0).max(queueListLimits.recipients).default(50),
  }),
  answer: queue.extend({ recipients: z.array(waitingRecipient) }),
  run: async ({ scope, params, query }, context) => {
    const name = ownQueue(scope, params.queue)
    const found = await withinOwn(scope, name, () =>
      deskOf(context).show(name, Math.max(1, query.recipients)),
    )
    return { ...viewOf(found.queue), recipients: found.recipients.slice(0, query.recipients) }
  },
})

export const suspend = route({
  id: 'queues.suspend',
  method: 'POST',
  path: '/queues/suspend',
  summary: 'Stops sending from queues, also from those to come, until they are resumed.',
  needs: 'setup',
  body: z.strictObject(because),
  answer: z.object({ queue: z.string() }),
  run: async ({ caller, scope, body }, context) => {
    const pattern = ownPattern(scope, body.queue)
    await checkRoom(scope, pattern, context)
    await deskOf(context).suspend(pattern, whoActs(caller), body.reason)
    return { queue: pattern }
  },
})

export const cancel = route({
  id: 'queues.cancel',
  method: 'POST',
  path: '/queues/cancel',
  summary:
    'Takes back what waits of one credential or key, held or not: nobody gets it, and no report is sent. What is on a connection goes on.',
  needs: 'setup',
  body: z.strictObject({ credential: credentialId }),
  answer: concerned.pick({ recipients: true }),
  run: async ({ caller, scope, body }, context) => {
    const whose = await mailOf(scope, body.credential, context)
    return { recipients: await deskOf(context).cancelOf(whose, whoActs(caller)) }
  },
})

export const suspensions = route({
  id: 'queues.suspensions',
  method: 'GET',
  path: '/suspensions',
  summary: 'Lists what is suspended, by whom and why.',
  needs: 'read',
  query: z.strictObject({ ...pageQuery, sort: sortBy(['queue', 'createdAt']) }),
  answer: pageOf(suspension),
  run: async ({ scope, query }, { records }) => {
    const rows = ownOf(scope, await records.store.suspensions.list()).map((each) => ({
      ...each,
      createdAt: timestampOf(each.createdAt),
    }))
    return paged(rows, (row) => row.queue, query)
  },
})

export const resume = route({
  id: 'queues.resume',
  method: 'POST',
  path: '/queues/resume',
  summary: 'Sends from suspended queues again; they are named as they were suspended.',
  needs: 'setup',
  // Whatever was stored can be named, also where it breaks today's bounds.
  body: z.strictObject({ queue: queueText.meta({ description: 'As it was suspended.' }) }),
  answer: z.object({ queue: z.string() }),
  run: async ({ caller, scope, body }, context) => {
    const pattern = ownPattern(scope, body.queue)
    await withinOwn(scope, pattern, () => deskOf(context).resume(pattern, whoActs(caller)))
    return { queue: pattern }
  },
})

export const retry = route({
  id: 'queues.retry',
  method: 'POST',
  path: '/queues/retry',
  summary: 'Tries everything in queues now.',
  needs: 'setup',
  body: z.strictObject(some),
  answer: concerned,
  run: async ({ caller, scope, body }, context) => {
    const pattern = ownPattern(scope, body.queue)
    const recipients = await withinOwn(scope, pattern, () =>
      deskOf(context).retry(pattern, whoActs(caller)),
    )
    return { queue: pattern, recipients }
  },
})

export const bounce = route({
  id: 'queues.bounce',
  method: 'POST',
  path: '/queues/bounce',
  summary: 'Ends everything in queues, with a delivery report where one is owed.',
  needs: 'setup',
  body: z.strictObject(because),
  answer: concerned,
  run: async ({ caller, scope, body }, context) => {
    const pattern = ownPattern(scope, body.queue)
    const recipients = await withinOwn(scope, pattern, () =>
      deskOf(context).bounce(pattern, whoActs(caller), body.reason),
    )
    return { queue: pattern, recipients }
  },
})

function ownOf(scope: TenantScope, all: readonly Suspension[]): readonly Suspension[] {
  if (scope.kind === 'installation') return all
  return all.filter((each) => parseQueueName(each.queue)?.tenant === scope.tenant)
}

async function checkRoom(scope: TenantScope, pattern: string, { records }: ApiContext) {
  if (scope.kind === 'installation') return
  const own = ownOf(scope, await records.store.suspensions.list())
  const most = queueListLimits.suspensionsOfTenant
  if (own.length < most || own.some((each) => each.queue === pattern)) return
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `a tenant suspends at most ${most} queues or patterns: resume one, or name several at once with *`,
  )
}

/** One that was removed still has mail; whose it was is not known any more. */
async function mailOf(
  scope: TenantScope,
  text: string,
  { records: { store } }: ApiContext,
): Promise<MailOf> {
  const credential = idAtHand(text)
  if (scope.kind === 'tenant') return { credential, tenant: scope.tenant }
  const all = [...(await store.credentials.list()), ...(await store.apiKeys.list())]
  const known = all.find(({ id }) => id === credential)
  return { credential, tenant: known?.tenant ?? null }
}
