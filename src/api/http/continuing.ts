// SPDX-License-Identifier: Apache-2.0
/**
 * `Expect: 100-continue` (RFC 9110 §10.1.1): a client that asks sends its body when it may. Node would say so before anybody
 * has looked at the request.
 */
import type { RequestListener, Server } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whoever answers on `server` says by `goOn` that the body may come. */
export function heedingContinue(server: Server, listener: RequestListener): Server {
  return server.on('checkContinue', listener)
}

export function wantsContinue({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers.expect?.toLowerCase() === '100-continue'
}

/** `most`: octets that the body may have; of more nothing is asked for, and it is refused. */
export function goOn(request: FastifyRequest, reply: FastifyReply, most: number): void {
  if (!wantsContinue(request)) return
  if (Number(request.headers['content-length'] ?? 0) <= most) reply.raw.writeContinue()
}

/** What is refused has a body that may never come: what follows on the connection would be taken for it. */
export function endAfterRefusal(request: FastifyRequest, reply: FastifyReply): void {
  if (wantsContinue(request)) reply.header('connection', 'close')
}
