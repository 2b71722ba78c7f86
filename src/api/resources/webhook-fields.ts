// SPDX-License-Identifier: Apache-2.0
/** What requests and answers about webhooks have in common. */
import { z } from 'zod'
import { globProblem } from '../../base/glob.ts'
import { webhookLimits } from '../../base/limits/webhook-limits.ts'
import type { WebhookSender } from '../../control/webhooks/webhook-sender.ts'
import { timestampOf } from '../../events/event.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { timestamp } from '../http/fields.ts'

export const webhook = z.object({
  id: z.string(),
  tenant: z.string(),
  stream: z.string().nullable().meta({ description: 'null: events of all streams.' }),
  url: z.string(),
  note: z.string(),
  types: z.array(z.string()).meta({ description: 'Empty: every type.' }),
  batchEvents: z.int().meta({ description: 'Events in one request, at most.' }),
  batchWaitMs: z.int().meta({ description: 'How long the first of them waits for others.' }),
  isPaused: z.boolean(),
  oldSecretEndsAt: timestamp
    .nullable()
    .meta({ description: 'Until then the secret before the last one signs too.' }),
  createdAt: timestamp,
})

export type WebhookAnswer = z.infer<typeof webhook>

export const listedStates = ['on', 'down', 'paused'] as const

export const listedWebhook = webhook.extend({
  state: z
    .enum(listedStates)
    .meta({ description: 'down: it took nothing when it was last tried; `state` has more.' }),
})

export type ListedWebhook = z.infer<typeof listedWebhook>

/** `webhooks`: of the relay that runs; where none does, nothing is known to be down. */
export function listedStateOf(
  { id, isPaused }: Webhook,
  webhooks: WebhookSender | null,
): ListedWebhook['state'] {
  if (isPaused) return 'paused'
  return webhooks?.healthOf(id) === 'down' ? 'down' : 'on'
}

export const byId = z.strictObject({ id: z.string() })

/** Whether such a type exists is for the service to say. */
const typePattern = z.string().superRefine((text, context) => {
  const message = globProblem(text)
  if (message !== null) context.addIssue({ code: 'custom', message })
})

/** What a person may choose of an endpoint. */
export const choices = {
  note: z
    .string()
    .max(webhookLimits.noteCharacters)
    .nullable()
    .default(null)
    .meta({ description: 'For people.' }),
  types: z.array(typePattern).max(webhookLimits.types).nullable().default(null).meta({
    description: 'Names of types, or patterns such as message.*; none: every type.',
  }),
  batchEvents: z
    .int()
    .nullable()
    .default(null)
    .meta({ description: 'Events in one request, at most; 1: each has one of its own.' }),
  batchWaitMs: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .meta({ description: 'How long the first of them waits for others.' }),
  isPaused: z
    .boolean()
    .nullable()
    .default(null)
    .meta({ description: 'Nothing is sent; what happens meanwhile is sent later.' }),
}

export function viewOf(found: Webhook): WebhookAnswer {
  const { id, tenant, stream, url, note, types, batchEvents, batchWait, isPaused } = found
  return {
    ...{ id, tenant, stream, url, note, types: [...types], batchEvents },
    batchWaitMs: batchWait,
    isPaused,
    oldSecretEndsAt: found.oldSecretEndsAt === null ? null : timestampOf(found.oldSecretEndsAt),
    createdAt: timestampOf(found.createdAt),
  }
}
