// SPDX-License-Identifier: Apache-2.0
/** To a relay by HTTP: over its control socket, or to its address with a key. */
import { type RequestOptions, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import type { Transport } from './api-client.ts'

export function socketTransport(socketPath: string): Transport {
  return ({ method, path, body }) =>
    ask(httpRequest, { socketPath, method, path }, body, `at ${socketPath}`)
}

/** `base`: such as `https://relay.example.com`. */
export function remoteTransport(base: string, key: string): Transport {
  const { protocol } = new URL(base)
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  return ({ method, path, body }) => {
    const { hostname, port } = new URL(path, base)
    const headers = { authorization: `Bearer ${key}` }
    return ask(
      request,
      { hostname: hostname.replace(/^\[|\]$/g, ''), port, method, path, headers },
      body,
      `at ${base}`,
    )
  }
}

async function ask(
  request: typeof httpRequest,
  options: RequestOptions,
  body: string | null,
  where: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const headers = {
    ...(options.headers as Record<string, string> | undefined),
    ...(body === null ? {} : { 'content-type': 'application/json' }),
  }
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const asked = request({ ...options, headers }, resolve)
    asked.once('error', (thrown) => reject(unreachable(thrown, where)))
    asked.end(body ?? undefined)
  })
  return { status: answer.statusCode ?? 0, body: await text(answer) }
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
