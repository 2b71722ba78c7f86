// SPDX-License-Identifier: Apache-2.0
/** A message as a program hands it in: either its parts, or the whole of it as RFC 5322 with an envelope. */
import { z } from 'zod'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { labelLimits } from '../../base/limits/label-limits.ts'
import { contentLimits, serverLimits } from '../../base/limits/limits.ts'
import { parseMailbox } from '../../protocol/mailbox.ts'
import { trackable } from '../../records/records.ts'
import { pointInTime } from '../http/fields.ts'

export const mailbox = z
  .string()
  .refine((text) => parseMailbox(text) !== null, 'expected an address such as "ann@example.net"')

/** `"ann@example.net"`, or with a name for people. */
const address = z.union(
  [mailbox, z.strictObject({ address: mailbox, name: oneLine(200).default('') })],
  { error: 'expected an address such as "ann@example.net", or {"address": …, "name": …}' },
)

const addresses = z
  .union([address, z.array(address)], {
    error: 'expected an address such as "ann@example.net", or a list of them',
  })
  .transform((one) => (Array.isArray(one) ? one : [one]))

const attachment = z.strictObject({
  filename: oneLine(255),
  contentType: z
    .string()
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, 'expected a type such as "application/pdf"')
    .default('application/octet-stream'),
  content: z.base64().meta({ description: 'Base64.' }),
  contentId: z
    .string()
    .regex(/^[\w.@+-]{1,200}$/, 'expected letters, digits and .@+-_ only')
    .nullable()
    .default(null)
    .meta({ description: 'For images in the HTML: <img src="cid:…">.' }),
})

/** Fields that we write, or that are given by fields of their own. */
const ownFields =
  /^(from|to|cc|bcc|sender|reply-to|subject|date|message-id|mime-version|content-.*|received|return-path|dkim-signature|x-posthaste-.*)$/i

const headers = z
  .record(
    z
      .string()
      .regex(/^[!-9;-~]{1,76}$/, 'expected the name of a field, such as "X-Order"')
      .refine((name) => !ownFields.test(name), 'this field cannot be set here'),
    oneLine(contentLimits.factOctets),
  )
  .default({})

const common = {
  stream: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: "null: the tenant's default stream." }),
  campaign: z.string().min(1).max(labelLimits.campaignCharacters).nullable().default(null),
  tags: z.array(z.string().min(1).max(labelLimits.tagCharacters)).max(labelLimits.tags).default([]),
  metadata: z
    .record(
      z.string().min(1).max(labelLimits.metadataNameCharacters),
      z.string().max(labelLimits.metadataValueCharacters),
    )
    .refine((values) => Object.keys(values).length <= labelLimits.metadataKeys, {
      error: `at most ${labelLimits.metadataKeys} names`,
    })
    .default({}),
  sendAt: pointInTime
    .nullable()
    .default(null)
    .meta({ description: 'Nobody is tried before; at most 30 days from now.' }),
  track: z.array(z.enum(trackable)).nullable().default(null).meta({
    description:
      'What is counted: that it is opened, that links in its HTML are followed. For messages of one recipient. null: what its stream says; []: nothing.',
  }),
  engagement: z.int().min(0).max(100).nullable().default(null).meta({
    description:
      'How glad its recipients are of mail: a source that is being warmed up sends to the gladdest first, and at first to nobody below 10. null: what is known of them counts.',
  }),
  sendWindow: z.string().max(200).nullable().default(null).meta({
    description:
      'When mail of its campaign goes: 09:00-17:00 Europe/Berlin mon-fri. Counts where neither somebody nor mail of the campaign has said so before.',
  }),
  pace: z.string().max(200).nullable().default(null).meta({
    description: 'How fast, evenly, likewise: 500000/6h.',
  }),
  sandbox: z.boolean().default(false).meta({
    description: 'Everything is done, and nobody gets it but the simulated receiver.',
  }),
}

const parts = {
  from: address,
  replyTo: addresses.optional(),
  subject: oneLine(900).default(''),
  text: z.string().optional(),
  html: z.string().optional(),
  attachments: z.array(attachment).max(100).default([]),
  headers,
}

export const composedRequest = z.strictObject({
  ...parts,
  to: addresses,
  cc: addresses.optional(),
  bcc: addresses.optional(),
  ...common,
})

export const rawRequest = z.strictObject({
  raw: z.base64().meta({ description: 'The whole message, RFC 5322, as base64.' }),
  envelope: z.strictObject({
    from: z
      .union([mailbox, z.literal('')])
      .meta({ description: 'Empty: no bounces (RFC 5321 §4.5.5).' }),
    to: z.array(mailbox).min(1).max(serverLimits.recipientsPerMessage),
  }),
  ...common,
})

export const batchRequest = z.strictObject({ messages: eachAlone(composedRequest) })

export const personalisedRecipient = z.strictObject({
  to: address,
  substitutions: z.record(z.string().regex(/^\w{1,64}$/), z.string().max(10_000)).default({}),
  metadata: common.metadata,
  engagement: common.engagement,
})

/** One content, and for each recipient values for its `{{placeholders}}`. */
export const personalisedRequest = z.strictObject({
  ...parts,
  ...common,
  recipients: eachAlone(personalisedRecipient),
})

export type Address = z.output<typeof address>
export type ComposedRequest = z.output<typeof composedRequest>
export type RawRequest = z.output<typeof rawRequest>
export type Common = Pick<
  ComposedRequest,
  | 'stream'
  | 'campaign'
  | 'tags'
  | 'metadata'
  | 'sendAt'
  | 'track'
  | 'engagement'
  | 'sendWindow'
  | 'pace'
  | 'sandbox'
>

/** Described as `schema` and not yet judged by it: one that is wrong shall not keep the others back. */
function eachAlone<T>(schema: z.ZodType<unknown, T>): z.ZodType<unknown[], T[]> {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const one = z.unknown().meta(shape) as z.ZodType<unknown, T>
  return z.array(one).min(1).max(httpLimits.batchMessages)
}

/** Nothing that would begin another header field. */
function oneLine(length: number) {
  return (
    z
      .string()
      .max(length)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
      .regex(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, 'expected one line without control characters')
  )
}
