// SPDX-License-Identifier: Apache-2.0
/** `/streams`: a tenant's kinds of mail. */
import { z } from 'zod'
import type { DurationMs } from '../../base/brand.ts'
import { timestampOf } from '../../events/event.ts'
import { coldChoices, type Stream, trackable } from '../../records/records.ts'
import {
  addStream,
  changeStream,
  listStreams,
  removeStream,
  showStream,
} from '../../records/stream-service.ts'
import { durationMs, timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'

const kind = z.enum(['transactional', 'bulk'])

const stream = z.object({
  tenant: z.string(),
  name: z.string(),
  kind,
  priority: z.int(),
  pool: z.string(),
  retryAfterMs: z.array(z.int()),
  expiresAfterMs: z.int(),
  keepsFailedMs: z.int().meta({
    description:
      'How long content of its failed mail is kept, to be sent again; at most as long as the installation keeps any.',
  }),
  mayShareTransaction: z.boolean(),
  sendsReports: z.boolean(),
  eightBit: z.enum(['keep', 'quoted-printable']),
  longLines: z.enum(['fold', 'refuse']),
  fromDomains: z.array(z.string()),
  suppressesOn: z.array(z.enum(['bounce', 'complaint'])),
  suppressionScope: z.enum(['tenant', 'stream']),
  gate: z.enum(['off', 'warn', 'hold', 'reject']).meta({
    description:
      'What comes of mail that receivers would doubt: nothing, an event, a wait for a decision, or a refusal that names the check.',
  }),
  fullMailboxTimes: z.int().meta({
    description:
      'A recipient whose mailbox was full for mail of so many days is suppressed for a while; 0: never.',
  }),
  fullMailboxDays: z.int().meta({ description: 'Within so many days, with nothing delivered.' }),
  addsUnsubscribe: z.boolean().meta({
    description: 'Messages of one recipient get a List-Unsubscribe where they have none.',
  }),
  tracks: z.array(z.enum(trackable)).meta({
    description:
      'What is counted of its messages of one recipient where they say nothing: that they are opened, that links are followed.',
  }),
  forwardsReports: z.boolean().meta({
    description: 'Bounces that come later go to the reverse-path of the submitter, too.',
  }),
  whenCold: z.enum(coldChoices).meta({
    description:
      'What becomes of its mail where the sources of its pool are being warmed up and have no room: it waits, goes from the overflow pool, or passes beside the allowance where nothing else has room.',
  }),
  isSandbox: z
    .boolean()
    .meta({ description: 'Its mail goes to nobody but the simulated receiver.' }),
  isDefault: z.boolean(),
  createdAt: timestamp,
})

export type StreamAnswer = z.infer<typeof stream>

const byName = z.strictObject({ name: z.string() })

/** What a person may choose of a stream. */
const choices = {
  pool: z.string().nullable().default(null).meta({
    description: 'Of the configuration. default: that of the tenant, where one names it.',
  }),
  priority: z.int().nullable().default(null).meta({ description: '0 goes first, 9 last.' }),
  retryAfterMs: z
    .array(durationMs)
    .nullable()
    .default(null)
    .meta({ description: 'Waits between attempts; the last one repeats.' }),
  expiresAfterMs: durationMs.nullable().default(null),
  keepsFailedMs: durationMs.nullable().default(null),
  mayShareTransaction: z.boolean().nullable().default(null),
  sendsReports: z
    .boolean()
    .nullable()
    .default(null)
    .meta({ description: 'Whether submitters get delivery reports.' }),
  eightBit: stream.shape.eightBit.nullable().default(null),
  longLines: stream.shape.longLines.nullable().default(null),
  fromDomains: z
    .array(z.string())
    .max(100)
    .nullable()
    .default(null)
    .meta({ description: 'Mail from these domains goes here where nothing else is said.' }),
  suppressesOn: stream.shape.suppressesOn
    .nullable()
    .default(null)
    .meta({ description: 'Of which events of its mail their recipients are suppressed.' }),
  suppressionScope: stream.shape.suppressionScope
    .nullable()
    .default(null)
    .meta({ description: 'Which mail complaints and unsubscribes keep their senders from.' }),
  gate: stream.shape.gate.nullable().default(null),
  fullMailboxTimes: stream.shape.fullMailboxTimes.nullable().default(null),
  fullMailboxDays: stream.shape.fullMailboxDays.nullable().default(null),
  addsUnsubscribe: stream.shape.addsUnsubscribe.nullable().default(null),
  tracks: stream.shape.tracks.nullable().default(null),
  forwardsReports: stream.shape.forwardsReports.nullable().default(null),
  whenCold: stream.shape.whenCold.nullable().default(null),
  isSandbox: stream.shape.isSandbox.nullable().default(null),
}

export const list = route({
  id: 'streams.list',
  method: 'GET',
  path: '/streams',
  summary: 'Lists streams.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    sort: sortBy(['tenant', 'name', 'priority', 'createdAt']),
  }),
  answer: pageOf(stream),
  run: async ({ scope, query }, { records }) =>
    paged(
      (await listStreams(records.store, scope)).map(viewOf),
      ({ tenant, name }) => `${tenant}/${name}`,
      query,
    ),
})

export const show = route({
  id: 'streams.show',
  method: 'GET',
  path: '/streams/{name}',
  summary: 'Shows a stream.',
  needs: 'read',
  params: byName,
  answer: stream,
  run: async ({ scope, params }, { records }) =>
    viewOf(await showStream(records.store, scope, params.name)),
})

export const add = route({
  id: 'streams.add',
  method: 'POST',
  path: '/streams',
  summary: 'Adds a stream. What is not given is taken from its kind and the configuration.',
  needs: 'setup',
  body: z.strictObject({
    name: z.string(),
    kind,
    ...choices,
    isDefault: z.boolean().default(false),
  }),
  answer: stream,
  status: 201,
  run: async ({ scope, body }, { pools, records, retry }) => {
    const rules = { retry: retry(), pools: pools() }
    return viewOf(await addStream(records, scope, { ...body, ...waitsOf(body) }, rules))
  },
})

export const change = route({
  id: 'streams.change',
  method: 'PATCH',
  path: '/streams/{name}',
  summary: 'Changes a stream, for mail that comes from here on. What is not given stays.',
  needs: 'setup',
  params: byName,
  body: z.strictObject({
    ...choices,
    isDefault: z
      .literal(true, { error: 'a tenant has a default stream: make another one that' })
      .nullable()
      .default(null)
      .meta({ description: "Takes the place of the tenant's default stream." }),
  }),
  answer: stream,
  run: async ({ scope, params, body }, { pools, records }) => {
    const choices = { ...body, ...waitsOf(body) }
    return viewOf(await changeStream(records, scope, params.name, choices, { pools: pools() }))
  },
})

export const remove = route({
  id: 'streams.remove',
  method: 'DELETE',
  path: '/streams/{name}',
  summary: 'Removes a stream that no credential uses.',
  needs: 'setup',
  params: byName,
  answer: stream,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeStream(records, scope, params.name)),
})

function waitsOf(body: {
  readonly retryAfterMs: readonly DurationMs[] | null
  readonly expiresAfterMs: DurationMs | null
  readonly keepsFailedMs: DurationMs | null
}) {
  return {
    retryAfter: body.retryAfterMs,
    expiresAfter: body.expiresAfterMs,
    keepsFailed: body.keepsFailedMs,
  }
}

function viewOf(found: Stream) {
  const { kind, priority, pool, mayShareTransaction, isDefault } = found
  return {
    tenant: found.tenant as string,
    name: found.name as string,
    kind,
    priority,
    pool,
    retryAfterMs: [...found.retryAfter],
    expiresAfterMs: found.expiresAfter as number,
    keepsFailedMs: found.keepsFailed as number,
    mayShareTransaction,
    sendsReports: found.sendsReports,
    eightBit: found.eightBit,
    longLines: found.longLines,
    fromDomains: found.fromDomains.map(String),
    suppressesOn: [...found.suppressesOn],
    suppressionScope: found.suppressionScope,
    gate: found.gate,
    fullMailboxTimes: found.fullMailboxTimes,
    fullMailboxDays: found.fullMailboxDays,
    addsUnsubscribe: found.addsUnsubscribe,
    tracks: [...found.tracks],
    forwardsReports: found.forwardsReports,
    whenCold: found.whenCold,
    isSandbox: found.isSandbox,
    isDefault,
    createdAt: timestampOf(found.createdAt),
  }
}
