// SPDX-License-Identifier: Apache-2.0
/** To a relay by HTTP: over its control socket, or to its address with a key. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import { API_PREFIX } from '../http/route.ts'
import type { Answered, Asked, Transport } from './api-client.ts'

export function socketTransport(socketPath: string): Transport {
  return (asked) => ask(httpRequest, { socketPath }, asked, `at ${socketPath}`)
}

/** `base`: such as `https://relay.example.com`. */
export function remoteTransport(base: string, key: string): Transport {
  const { protocol, hostname, port } = new URL(base)
  const target = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    headers: { authorization: `Bearer ${key}` },
  }
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  return (asked) => ask(request, target, asked, `at ${base}`)
}

async function ask(
  request: typeof httpRequest,
  target: RequestOptions,
  asked: Asked,
  where: string,
): Promise<Answered> {
  const { method } = asked.route
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const headers = {
    ...(target.headers as Record<string, string> | undefined),
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ ...target, method, path: pathOf(asked), headers }, resolve)
    sent.once('error', (thrown) => reject(unreachable(thrown, where)))
    sent.end(hasBody ? JSON.stringify(asked.body) : undefined)
  })
  return { status: answer.statusCode ?? 0, body: await text(answer) }
}

function pathOf({ route, params, query }: Asked): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const search = new URLSearchParams(query)
  return API_PREFIX + path + (search.size > 0 ? `?${search}` : '')
}

function unreachable(thrown: Error, where: string): RelayError {
  const why =
    systemCode(thrown) === 'EACCES'
      ? 'its control socket belongs to another user'
      : messageOf(thrown)
  return new RelayError('RLY_RELAY_NOT_RUNNING', `no relay answers ${where}: ${why}`, {
    cause: thrown,
  })
}
