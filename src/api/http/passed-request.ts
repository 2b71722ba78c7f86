// SPDX-License-Identifier: Apache-2.0
/**
 * A request that came to a worker and is control's to answer: passed on as it is over control's socket, octet by octet, so that
 * a client sees one API at one port. Whose connection it came by is said beside it, and believed there: the socket belongs to
 * the relay's user alone.
 *
 *     client ──▶ worker (shared port, TLS) ──▶ api.sock ──▶ control
 */
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request as requestOf,
} from 'node:http'
import { pipeline } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { endAfterRefusal, wantsContinue } from './continuing.ts'
import { sendProblem } from './mount.ts'
import { problemWith } from './problem.ts'

/** Address of the peer, and `1` where it spoke TLS. */
const PEER = 'x-posthaste-peer'
const PEER_TLS = 'x-posthaste-peer-tls'

/** Of one connection alone (RFC 9110 §7.6.1), or answered by the worker itself. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  'upgrade',
])

/** Answers 503 where control is away; sending goes on. `stopping` cuts what would last. */
export function passOn(
  request: FastifyRequest,
  reply: FastifyReply,
  socketPath: string,
  stopping: AbortSignal,
): Promise<FastifyReply> {
  const { raw } = request
  const passed = requestOf({
    socketPath,
    agent: false,
    method: raw.method ?? 'GET',
    path: raw.url ?? '/',
    // Not closed by an answer that comes before the whole body has gone: the answer would be lost with it.
    headers: { ...passable(raw.headers), ...peerOf(raw), connection: 'keep-alive' },
  })
  reply.raw.once('close', () => passed.destroy())
  let isAwaited = wantsContinue(request)
  passed.once('continue', () => {
    isAwaited = false
    if (wantsContinue(request)) reply.raw.writeContinue()
  })
  return new Promise((resolve) => {
    passed.once('error', () => resolve(reply.sent ? reply : isAway(reply)))
    passed.once('response', (answer) => {
      if (isAwaited) endAfterRefusal(request, reply)
      resolve(answerWith(reply, answer, stopping))
    })
    // What fails here is said by the request's own error, or by the client, which is gone.
    pipeline(raw, passed, () => {})
  })
}

function answerWith(
  reply: FastifyReply,
  answer: IncomingMessage,
  stopping: AbortSignal,
): FastifyReply {
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true
  if (isStream) {
    const cut = () => void answer.destroy()
    stopping.addEventListener('abort', cut, { once: true })
    answer.once('close', () => stopping.removeEventListener('abort', cut))
  }
  return reply
    .status(answer.statusCode ?? 502)
    .headers(passable(answer.headers))
    .send(answer)
}

function isAway(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, {
    ...problemWith('RLY_BUSY', 'this part of the API is away for a moment; sending is not'),
    retryAfterSeconds: httpLimits.busyRetrySeconds,
  })
}

function passable(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || NOT_PASSED.has(name) ? [] : [[name, value]],
    ),
  )
}

function peerOf({ socket }: IncomingMessage): Record<string, string> {
  const isTls = 'encrypted' in socket && socket.encrypted === true
  return { [PEER]: socket.remoteAddress ?? '', [PEER_TLS]: isTls ? '1' : '' }
}

/** Control's side: for `listener` the request comes from whoever it came from. Its connection brings no other request. */
export function asItCame(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { [PEER]: address, [PEER_TLS]: tls, ...headers } = request.headers
    request.headers = headers
    Object.defineProperties(request.socket, {
      remoteAddress: { value: address, configurable: true },
      encrypted: { value: tls === '1', configurable: true },
    })
    listener(request, response)
  }
}
