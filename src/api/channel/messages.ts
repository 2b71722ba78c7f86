// SPDX-License-Identifier: Apache-2.0
/**
 * Every message between the processes of a relay, and between the command line and a relay: who asks whom, for what, with
 * which fields. HTTP with JSON over Unix sockets, one for each process; `docs/internals/channel.md` is made from this table.
 */
import { z } from 'zod'
import { instant } from '../../base/brand.ts'
import { patternLimits } from '../../base/limits/pattern-limits.ts'
import { retryLimits } from '../../base/limits/retry-limits.ts'
import type { CampaignCounts } from '../../control/campaigns/campaign-counts.ts'
import {
  type AnnouncedEvent,
  announcedTypes,
  type DeskStatus,
  type QueueContents,
  type QueueList,
  type Sent,
} from '../../control/desk/mail-desk.ts'
import type { QueuesOf } from '../../control/queues/credential-mail.ts'
import type { Explanation } from '../../control/queues/explain.ts'
import type { HeldMessage } from '../../control/queues/held-mail.ts'
import type { RetryCounts } from '../../control/recovery/retry-counts.ts'
import type { PoolLoads, SourceLoads } from '../../control/sources/source-loads.ts'
import { domainFacts } from '../../events/domain-event.ts'
import type { Event } from '../../events/event.ts'
import { heldBy } from '../../events/hold-events.ts'
import type { GuessedMail } from '../../feedback/reported-mail.ts'
import type { LedgerAnswer } from '../../queue/shaping/ledger-messages.ts'
import { trackable } from '../../records/records.ts'
import type { Loan } from '../http/request-ledger.ts'
import { ledgerFields } from './ledger-fields.ts'
import { messageIdField } from './message-id-field.ts'
import { sentMailFields } from './sent-mail-fields.ts'

/** Control asks workers; the command line asks whoever has its socket in the data directory. */
type Direction = 'control or command line → worker' | 'worker → control' | 'command line → control'

export interface ChannelMessage<In, Out> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly direction: Direction
  /** A sentence for the page. */
  readonly meaning: string
  /** Names of what it takes, in the query of GET, in the body of POST. */
  readonly fields: readonly string[]
  /** Throws what is wrong with them. */
  readonly read: (raw: unknown) => In
  /** Only a type; never there. */
  readonly answer?: Out
}

const nothing = z.object({})
const pattern = z.string().min(1).max(patternLimits.characters)
const onQueues = z.object({ pattern, by: z.string() })
const onQueuesBecause = z.object({ pattern, by: z.string(), reason: z.string().default('') })

/** A request with an Idempotency-Key. */
const once = z.object({ at: z.int().transform(instant), seed: z.string().regex(/^[0-9a-f]{16}$/) })

const sendFields = z.object({
  tenant: z.string(),
  stream: z.string().nullable(),
  reversePath: z.string(),
  recipients: z.array(z.string()).min(1),
  content: z.string(),
  releaseAt: z.string().nullable().default(null),
  campaign: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.string()).default({}),
  sandbox: z.boolean().default(false),
  tracks: z.array(z.enum(trackable)).nullable().default(null),
  engagement: z.int().min(0).max(100).nullable().default(null),
  spread: z
    .object({ sendWindow: z.string().nullable(), pace: z.string().nullable() })
    .nullable()
    .default(null),
  by: z.enum(['shell', 'http']).default('shell'),
  address: z.string().default('127.0.0.1'),
  once: once.nullable().default(null),
  key: z.string().nullable().default(null),
})

const heldFilter = {
  message: z.string().nullable().default(null),
  tenant: z.string().nullable().default(null),
  stream: z.string().nullable().default(null),
  campaign: z.string().nullable().default(null),
  by: heldBy.nullable().default(null),
  credential: z.string().nullable().default(null),
}

const failedRecipient = z.object({
  messageId: messageIdField,
  recipientIndex: z.number().int().min(0),
  failedAt: z.string(),
})
const retryWish = { isTrial: z.boolean(), by: z.string() }
const mailOf = { credential: z.string(), tenant: z.string().nullable().default(null) }

const announced = z.enum(Object.keys(announcedTypes) as AnnouncedEvent[])

/** One message whose answer is `Out`. */
function answering<Out>() {
  return <Fields extends z.ZodObject>(
    method: 'GET' | 'POST',
    path: string,
    input: Fields,
    meaning: string,
    direction: Direction = 'control or command line → worker',
  ): ChannelMessage<z.output<Fields>, Out> => ({
    method,
    path,
    direction,
    meaning,
    fields: Object.keys(input.shape),
    read: (raw) => input.parse(raw),
  })
}

/** How many recipients something concerned. */
interface Concerned {
  readonly recipients: number
}

export const messages = {
  status: answering<DeskStatus>()(
    'GET',
    '/v1/status',
    nothing,
    'Who it is, whether it takes mail, and how much it has in hand.',
  ),
  queues: answering<QueueList>()(
    'GET',
    '/v1/queues',
    z.object({
      limit: z.coerce.number().int().min(1).max(100_000).default(1_000),
      tenant: z.string().optional(),
    }),
    'The queues with most waiting, of one tenant or of all, and the sites that they go to.',
  ),
  queuesOf: answering<QueuesOf>()(
    'POST',
    '/v1/queues/of',
    z.object({ ...mailOf, limit: z.number().int().min(1).max(100_000).default(1_000) }),
    'The queues in which mail of one credential or key waits, and how much of it.',
  ),
  cancelOf: answering<Concerned>()(
    'POST',
    '/v1/queues/cancel',
    z.object({ ...mailOf, by: z.string() }),
    'That mail is taken back.',
  ),
  show: answering<QueueContents>()(
    'GET',
    '/v1/queues/show',
    z.object({ queue: z.string(), limit: z.coerce.number().int().min(1).max(1_000).default(50) }),
    'One queue and who waits in it.',
  ),
  suspend: answering<unknown>()(
    'POST',
    '/v1/queues/suspend',
    onQueuesBecause,
    'Queues of this pattern send nothing any more.',
  ),
  resume: answering<unknown>()('POST', '/v1/queues/resume', onQueues, 'They send again.'),
  retry: answering<Concerned>()(
    'POST',
    '/v1/queues/retry',
    onQueues,
    'Whoever waits there is tried now.',
  ),
  bounce: answering<Concerned>()(
    'POST',
    '/v1/queues/bounce',
    onQueuesBecause,
    'Whoever waits there is given up.',
  ),
  campaigns: answering<{ readonly campaigns: readonly CampaignCounts[] }>()(
    'GET',
    '/v1/campaigns',
    z.object({
      tenant: z.string().optional(),
      name: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100_000).default(1_000),
    }),
    'How much waits of campaigns, those with most.',
  ),
  held: answering<{ readonly messages: readonly HeldMessage[] }>()(
    'POST',
    '/v1/held',
    z.object({
      ...heldFilter,
      limit: z.number().int().min(1).max(1_000).default(100),
      after: z.string().nullable().default(null),
    }),
    'Mail that waits for a decision, by message id.',
  ),
  decide: answering<Concerned>()(
    'POST',
    '/v1/held/decide',
    z.object({ ...heldFilter, decision: z.enum(['release', 'cancel']), decidedBy: z.string() }),
    'What somebody decides about it: it goes out, or is taken back.',
  ),
  retryFailed: answering<RetryCounts>()(
    'POST',
    '/v1/failures/retry',
    z.object({ failed: z.array(failedRecipient).max(retryLimits.page), ...retryWish }),
    'Mail that failed is sent again, as far as it is in the journals of the worker that is asked.',
  ),
  trace: answering<{ readonly events: readonly Event[] }>()(
    'GET',
    '/v1/trace',
    z.object({ message: z.string() }),
    'What happened to one message.',
  ),
  explain: answering<Explanation>()(
    'GET',
    '/v1/explain',
    z.object({
      address: z.string(),
      tenant: z.string().nullable().default(null),
      stream: z.string().nullable().default(null),
      campaign: z.string().nullable().default(null),
    }),
    'How mail to an address would go, and by which limits.',
  ),
  positions: answering<never>()(
    'GET',
    '/v1/positions',
    nothing,
    'How far its journals may be read, a line of JSON each time that changes, until one side ends; an empty line says that it listens.',
  ),
  tail: answering<never>()(
    'GET',
    '/v1/tail',
    z.object({ from: z.enum(['now', 'oldest']).default('now') }),
    'Events as they happen, a line of JSON each, likewise.',
    'command line → control',
  ),
  sources: answering<SourceLoads>()(
    'GET',
    '/v1/sources',
    nothing,
    'What each source has open, and which are cut off by their proxies.',
  ),
  pools: answering<PoolLoads>()('GET', '/v1/pools', nothing, 'What waits for each pool.'),
  send: answering<Sent>()(
    'POST',
    '/v1/send',
    sendFields,
    'Takes a message, as submission would; the content in base64.',
  ),
  sentBefore: answering<{ readonly sent: Sent | null }>()(
    'POST',
    '/v1/sent-before',
    once,
    'What was made of a request with an Idempotency-Key, after a crash.',
  ),
  announce: answering<unknown>()(
    'POST',
    '/v1/announce',
    z.object({ what: announced, text: z.string(), tenant: z.string().nullable() }),
    'Something happened to us that control knows of (passwords are guessed, a rate is high, a warm-up or a source changed its state): an event, in the journal of the worker that is asked.',
  ),
  tell: answering<unknown>()(
    'POST',
    '/v1/domains/tell',
    domainFacts,
    'Something happened to a sending domain: an event, likewise.',
  ),
  refresh: answering<unknown>()(
    'POST',
    '/v1/refresh',
    nothing,
    'The records have changed: look at them now.',
  ),
  requests: answering<Loan>()(
    'POST',
    '/v1/requests',
    z.object({ key: z.string(), window: z.int() }),
    'More requests of a key of the API in a minute; the answer lends some.',
    'worker → control',
  ),
  sentMail: answering<{ readonly mail: GuessedMail | null }>()(
    'POST',
    '/v1/sent-mail',
    sentMailFields,
    'Which mail alone a report without proof can be about, of what its recipient got lately.',
    'worker → control',
  ),
  borrow: answering<LedgerAnswer>()(
    'POST',
    '/v1/ledger',
    ledgerFields,
    'What the worker would have of connections and rates, what it has, and what replies said of them; the answer lends, and says what they have taught. At least once a second.',
    'worker → control',
  ),
} as const
