// SPDX-License-Identifier: Apache-2.0
/** To records that no relay has open: the same routes, asked within this process. */
import { fastify } from 'fastify'
import type { Log } from '../../base/log.ts'
import type { ApiContext } from '../http/api-context.ts'
import { localCaller } from '../http/caller.ts'
import { mount } from '../http/mount.ts'
import { routes } from '../routes.ts'
import type { Transport } from './api-client.ts'

export function recordsTransport(context: ApiContext, log: Log): Transport {
  const app = fastify()
  mount(app, routes, { context, log, callerOf: () => localCaller })
  return async ({ method, path, body }) => {
    const answer = await app.inject({
      method: method as 'GET',
      url: path,
      ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
    })
    return { status: answer.statusCode, body: answer.body }
  }
}
