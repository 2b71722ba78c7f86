// SPDX-License-Identifier: Apache-2.0
/** What the API says of queues and the sites that they go to, and whose a queue is. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { globProblem } from '../../base/glob.ts'
import { patternLimits } from '../../base/limits/pattern-limits.ts'
import { reaches, type TenantScope } from '../../records/tenant-scope.ts'
import { parseQueueName } from '../../spool/queue-name.ts'
import type { Caller } from '../http/caller.ts'

export const queue = z.object({
  queue: z.string().meta({ description: 'stream.campaign:tenant@domain' }),
  tenant: z.string(),
  stream: z.string(),
  campaign: z.string().nullable(),
  domain: z.string(),
  waiting: z.int().meta({ description: 'For their time, or for room.' }),
  ready: z.int(),
  inFlight: z.int(),
  total: z.int().meta({ description: 'Recipients who wait, are ready or in flight.' }),
  nextDueAt: z.string().nullable(),
  isSuspended: z.boolean(),
  because: z.string().meta({ description: 'What it waits for, in words.' }),
  pace: z
    .number()
    .nullable()
    .meta({ description: 'Messages a second that the limits of its site let through.' }),
})

/** Of a row as the desk has it. */
export function viewOf<T extends Counts>(row: T) {
  return { ...row, total: row.waiting + row.ready + row.inFlight }
}

type Counts = Pick<z.output<typeof queue>, 'waiting' | 'ready' | 'inFlight'>

export const waitingRecipient = z.object({
  messageId: z.string(),
  recipient: z.string(),
  attempts: z.int(),
  dueAt: z.string(),
  expiresAt: z.string(),
  lastReply: z.string().nullable(),
  held: z.string().nullable().meta({ description: 'Why it is held. Null: it is not held.' }),
})

/** As a queue is named in a request: 1,000 characters are more than any has. */
export const queueText = z.string().min(1).max(1_000)

/** A queue, or a pattern with `*` that is not too much to match. */
export const queuePattern = queueText
  .superRefine((text, context) => {
    const message = globProblem(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .meta({
    description: `A queue, or a pattern with *, of which it may have ${patternLimits.wildcards}.`,
  })

/** Throws `RLY_QUEUE_UNKNOWN` for what is no queue, or none of the scope, alike. */
export function ownQueue(scope: TenantScope, text: string): string {
  const parts = parseQueueName(text)
  if (parts !== null && reaches(scope, parts.tenant)) return text
  throw unknown(text)
}

/**
 * A queue, or a pattern with `*`. Within a tenant it names that tenant: what stands between the one ":" and the one "@" of a
 * queue's name has neither of them (both are escaped there), so it can match no other's.
 */
export function ownPattern(scope: TenantScope, text: string): string {
  if (scope.kind === 'installation') return text
  const [label = '', rest = '', ...more] = text.split('@')[0]?.split(':') ?? []
  const isOne = text.split('@').length === 2 && more.length === 0 && label !== ''
  if (isOne && rest === scope.tenant) return text
  throw new RelayError(
    'RLY_QUEUE_UNKNOWN',
    `"${text}" names no queues of yours: expected a queue, or a pattern such as *:${scope.tenant}@*`,
  )
}

/** Within a tenant nothing is said of what others have: not even as a name that may have been meant. */
export async function withinOwn<T>(
  scope: TenantScope,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    // It is not there; the desk looked among all tenants.
    const isUnknown = thrown instanceof RelayError && thrown.code === 'RLY_QUEUE_UNKNOWN'
    throw isUnknown && scope.kind === 'tenant' ? unknown(text) : thrown
  }
}

/** For events, as `by`. */
export function whoActs(caller: Caller): string {
  switch (caller.kind) {
    case 'local':
      return 'the command line'
    case 'key':
      return `the key ${caller.key.label}`
    case 'person':
      return caller.own.person.email
    case 'nobody':
      return 'nobody'
  }
}

function unknown(text: string): RelayError {
  return new RelayError('RLY_QUEUE_UNKNOWN', `nothing waits in "${text.slice(0, 200)}"`)
}
