// SPDX-License-Identifier: Apache-2.0
/** `/held`: mail that waits for somebody's decision. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import type { Decision, HeldFilter } from '../../control/queues/held-mail.ts'
import { heldBy } from '../../events/hold-events.ts'
import { parseMessageId } from '../../events/ids.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import type { ApiContext } from '../http/api-context.ts'
import { type Caller, nameOf } from '../http/caller.ts'
import { cursorOf, keyOfCursor, pageOf, pageQuery } from '../http/page.ts'
import { route } from '../http/route.ts'
import { deskOf } from './desk-of.ts'

const held = z.object({
  id: z.string(),
  tenant: z.string(),
  stream: z.string(),
  campaign: z.string().nullable(),
  credential: z.string().nullable(),
  by: heldBy.meta({ description: 'What holds it.' }),
  why: z.string(),
  receivedAt: z.string(),
  until: z
    .string()
    .nullable()
    .meta({ description: 'When it expires. Null: it stays held until you release or cancel it.' }),
  reversePath: z.string(),
  recipients: z.array(z.string()).meta({ description: 'The first of those who are held still.' }),
  recipientCount: z.int(),
  size: z.int(),
})

export type HeldAnswer = z.infer<typeof held>

const criteria = {
  stream: z.string().optional(),
  campaign: z.string().optional(),
  by: heldBy.optional(),
  credential: z.string().optional(),
}

const choice = z
  .strictObject({
    message: z.string().optional().meta({ description: 'Id of one message.' }),
    ...criteria,
    all: z.literal(true).optional(),
  })
  .refine((chosen) => Object.values(chosen).some((value) => value !== undefined), {
    message: 'say which: a message, a stream, what holds it, a credential, or "all": true',
  })

const concerned = z.object({ recipients: z.int() })

export const list = route({
  id: 'held.list',
  method: 'GET',
  path: '/held',
  summary: 'Lists mail that waits for a decision, in the order in which it came.',
  needs: 'read',
  query: z.strictObject({ ...criteria, ...pageQuery }),
  answer: pageOf(held),
  run: async ({ scope, query }, context) => {
    const { limit, cursor, ...chosen } = query
    const after = cursor === undefined ? null : keyOfCursor(cursor)
    const found = await deskOf(context).held(filterOf(scope, chosen), limit + 1, after)
    const items = found.slice(0, limit).map(({ messageId, recipients, ...rest }) => ({
      ...rest,
      id: messageId,
      recipients: [...recipients],
    }))
    const last = items.at(-1)
    return { items, nextCursor: found.length > limit && last ? cursorOf(last.id) : null }
  },
})

export const release = route({
  id: 'held.release',
  method: 'POST',
  path: '/held/release',
  summary: 'Sends mail that was held.',
  needs: 'setup',
  body: choice,
  answer: concerned,
  run: ({ caller, scope, body }, context) => decide(context, caller, scope, 'release', body),
})

export const cancel = route({
  id: 'held.cancel',
  method: 'POST',
  path: '/held/cancel',
  summary: 'Takes back mail that was held: nobody gets it, and no report is sent.',
  needs: 'setup',
  body: choice,
  answer: concerned,
  run: ({ caller, scope, body }, context) => decide(context, caller, scope, 'cancel', body),
})

/** Throws `RLY_MESSAGE_UNKNOWN` where one message is meant and nobody of it is held. */
async function decide(
  context: ApiContext,
  caller: Caller,
  scope: TenantScope,
  decision: Decision,
  { all: _all, ...chosen }: z.output<typeof choice>,
): Promise<z.output<typeof concerned>> {
  const filter = filterOf(scope, chosen)
  const recipients = await deskOf(context).decide(filter, decision, nameOf(caller))
  if (recipients === 0 && filter.message !== null) throw unknown(filter.message)
  return { recipients }
}

function filterOf(
  scope: TenantScope,
  { message, stream, campaign, by, credential }: Partial<z.output<typeof choice>>,
): HeldFilter {
  return {
    tenant: scope.kind === 'tenant' ? scope.tenant : null,
    message: message === undefined ? null : messageIdIn(message),
    stream: stream?.toLowerCase() ?? null,
    campaign: campaign ?? null,
    by: by ?? null,
    credential: credential ?? null,
  }
}

function messageIdIn(text: string): string {
  const id = parseMessageId(text)
  if (id === null) throw unknown(text)
  return id
}

function unknown(id: string): RelayError {
  return new RelayError('RLY_MESSAGE_UNKNOWN', `no message "${id}" is held here`)
}
