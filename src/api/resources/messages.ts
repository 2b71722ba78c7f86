// SPDX-License-Identifier: Apache-2.0
/** `/messages`: sending. */
import { z } from 'zod'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { suppressionReasons } from '../../records/suppressions/suppression.ts'
import type { ApiContext } from '../http/api-context.ts'
import { onceOf } from '../http/keyed-work.ts'
import { problem, problemOf } from '../http/problem.ts'
import { type Call, route } from '../http/route.ts'
import {
  type HandedIn,
  type HandIn,
  handInComposed,
  handInParts,
  handInRaw,
  UnknownBefore,
} from '../messages/hand-in.ts'
import {
  batchRequest,
  composedRequest,
  personalisedRecipient,
  personalisedRequest,
  rawRequest,
} from '../messages/message-request.ts'
import { substituted } from '../messages/substitute.ts'

const suppressed = z.array(
  z.object({
    recipient: z.string(),
    reason: z.enum(suppressionReasons),
    suppression: z.string().meta({ description: 'The id of the entry.' }),
  }),
)

const accepted = z.object({
  id: z.string(),
  suppressed: suppressed.meta({
    description: 'Recipients who are not sent to, because of the suppressions of the tenant.',
  }),
})

const result = z.object({
  id: z.string().nullable().meta({ description: 'null: it was not accepted.' }),
  suppressed,
  problem: problem.nullable(),
})

const results = z.object({ results: z.array(result) })

export const send = route({
  id: 'messages.send',
  method: 'POST',
  path: '/messages',
  summary: 'Sends a message; the answer comes when it is safe on the disk.',
  needs: 'send',
  isResumable: true,
  bodyOctets: httpLimits.messageOctets,
  body: composedRequest,
  answer: accepted,
  status: 202,
  run: ({ body, ...call }, context) => handInComposed(doorOf(call, context, 0), body),
})

export const sendRaw = route({
  id: 'messages.sendRaw',
  method: 'POST',
  path: '/messages/raw',
  summary: 'Sends a whole message (RFC 5322) to the recipients of an envelope.',
  needs: 'send',
  isResumable: true,
  bodyOctets: httpLimits.messageOctets,
  body: rawRequest,
  answer: accepted,
  status: 202,
  run: ({ body, ...call }, context) => handInRaw(doorOf(call, context, 0), body),
})

export const batch = route({
  id: 'messages.batch',
  method: 'POST',
  path: '/messages/batch',
  summary: 'Sends several messages; each has its own result.',
  needs: 'send',
  isResumable: true,
  bodyOctets: httpLimits.messageOctets,
  body: batchRequest,
  answer: results,
  status: 202,
  run: async ({ body, ...call }, context) =>
    resultsOf(composedRequest, body.messages, (message, at) =>
      handInComposed(doorOf(call, context, at), message),
    ),
})

export const personalise = route({
  id: 'messages.personalise',
  method: 'POST',
  path: '/messages/personalised',
  summary:
    'Sends one content to several recipients, each with their own values for {{placeholders}}.',
  needs: 'send',
  isResumable: true,
  bodyOctets: httpLimits.messageOctets,
  body: personalisedRequest,
  answer: results,
  status: 202,
  run: async ({ body, ...call }, context) =>
    resultsOf(
      personalisedRecipient,
      body.recipients,
      ({ engagement, to, substitutions, metadata }, at) =>
        handInParts(
          doorOf(call, context, at),
          {
            ...body,
            metadata: { ...body.metadata, ...metadata },
            engagement: engagement ?? body.engagement,
          },
          substituted({ ...body, to: [to], cc: undefined }, substitutions),
        ),
    ),
})

/** `index`: of the message in the request. */
function doorOf(
  { caller, keyed, scope }: Pick<Call<unknown, unknown, unknown>, 'caller' | 'keyed' | 'scope'>,
  context: ApiContext,
  index: number,
): HandIn {
  return { caller, scope, context, keyed: keyed && onceOf(keyed, index) }
}

/** Several at once, so that they share a sync; not all, so that a batch leaves room for others. */
const AT_ONCE = 20

/** In the order of `requests`, each by `schema`. */
async function resultsOf<S extends z.ZodObject>(
  schema: S,
  requests: readonly unknown[],
  work: (request: z.output<S>, index: number) => Promise<HandedIn>,
): Promise<z.output<typeof results>> {
  const found: z.output<typeof result>[] = []
  for (let at = 0; at < requests.length; at += AT_ONCE)
    found.push(
      ...(await Promise.all(
        requests
          .slice(at, at + AT_ONCE)
          .map((request, more) => resultOf(schema, request, (one) => work(one, at + more))),
      )),
    )
  return { results: found }
}

async function resultOf<S extends z.ZodObject>(
  schema: S,
  request: unknown,
  work: (request: z.output<S>) => Promise<HandedIn>,
): Promise<z.output<typeof result>> {
  try {
    return { ...(await work(schema.parse(request))), problem: null }
  } catch (thrown) {
    if (thrown instanceof UnknownBefore) throw thrown
    // A refusal of this message alone.
    return { id: null, suppressed: [], problem: problemOf(thrown, Object.keys(schema.shape)) }
  }
}
