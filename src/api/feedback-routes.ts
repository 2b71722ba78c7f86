// SPDX-License-Identifier: Apache-2.0
/** What a worker found out about mail of another one: brought to the one that has it, by the socket that both have. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { authentication } from '../events/authentication.ts'
import { reportEvent } from '../events/event.ts'
import type { FeedbackRecorder, Finding, ReportedMessage } from '../feedback/finding.ts'
import { messageIdField } from './channel/message-id-field.ts'
import { ControlClient } from './control-client.ts'

const PATH = '/v1/feedback'

const { fate, kind } = reportEvent.shape

const findingBody = z.object({
  what: z.enum(['bounced', 'complained', 'unsubscribed', 'noted']),
  messageId: messageIdField.nullable(),
  recipientIndex: z.number().int().min(0).nullable(),
  addressHash: z.string().nullable(),
  certainty: z.enum(['proven', 'likely', 'possible']).nullable(),
  kind,
  fate,
  feedbackType: z.string().nullable(),
  concerned: z.array(
    z.object({
      address: z.string().nullable(),
      code: z.number().nullable(),
      status: z.string().nullable(),
      text: z.string(),
    }),
  ),
  reportingMta: z.string().nullable(),
  peer: z.string(),
  size: z.number(),
  web: z.enum(['one-click', 'page']).nullable().default(null),
  tenant: z.string().nullable().default(null),
  authentication: authentication.nullable().default(null),
})

const body = z.object({ findings: z.array(findingBody) })

export function addFeedbackRoutes(app: FastifyInstance, recorder: FeedbackRecorder): void {
  app.post(PATH, async (request) => {
    const { findings } = body.parse(request.body)
    return { messages: await recorder.record(findings) }
  })
}

/** The recorder of another worker. */
export class RemoteRecorder implements FeedbackRecorder {
  readonly #client: ControlClient

  constructor(socketFile: string) {
    this.#client = new ControlClient(socketFile)
  }

  async record(findings: readonly Finding[]): Promise<readonly (ReportedMessage | null)[]> {
    // One of an earlier version says nothing of messages.
    const answer = await this.#client.post<{
      readonly messages?: readonly (ReportedMessage | null)[]
    }>(PATH, { findings })
    return answer.messages ?? []
  }
}
