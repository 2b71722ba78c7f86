// SPDX-License-Identifier: Apache-2.0
/** Openings and clicks that a worker was asked for, of mail of another one: brought to the one that has it, by the socket that both have. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { agentKind, machineSign } from '../events/hit-events.ts'
import type { Hit, HitRecorder } from '../feedback/hit.ts'
import { messageIdField } from './channel/message-id-field.ts'
import { ControlClient } from './control-client.ts'

const PATH = '/v1/hits'

const body = z.object({
  hits: z.array(
    z.object({
      messageId: messageIdField,
      recipientIndex: z.number().int().min(0),
      link: z.string().nullable(),
      at: z.string(),
      agent: agentKind,
      machine: machineSign.nullable(),
      peer: z.string(),
    }),
  ),
})

export function addHitRoutes(app: FastifyInstance, recorder: HitRecorder): void {
  app.post(PATH, async (request) => {
    await recorder.hits(body.parse(request.body).hits)
    return {}
  })
}

/** The recorder of another worker. */
export class RemoteHits implements HitRecorder {
  readonly #client: ControlClient

  constructor(socketFile: string) {
    this.#client = new ControlClient(socketFile)
  }

  async hits(hits: readonly Hit[]): Promise<void> {
    await this.#client.post(PATH, { hits })
  }
}
