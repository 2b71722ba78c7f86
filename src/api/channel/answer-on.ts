// SPDX-License-Identifier: Apache-2.0
/** Puts the answer to a message of the channel on the server of a control socket. */
import type { FastifyInstance } from 'fastify'
import type { ChannelMessage } from './messages.ts'

export function answerOn<In, Out>(
  app: FastifyInstance,
  { method, path, read }: ChannelMessage<In, Out>,
  answer: (input: In) => Promise<Out>,
): void {
  app.route({
    method,
    url: path,
    handler: async (request) => answer(read(method === 'GET' ? request.query : request.body)),
  })
}
