// SPDX-License-Identifier: Apache-2.0
/** To records that no relay has open: the same routes, answered within this process. */
import { invariant } from '../../base/invariant.ts'
import type { Log } from '../../base/log.ts'
import { answerTo } from '../http/answer-to.ts'
import type { ApiContext } from '../http/api-context.ts'
import { localCaller } from '../http/caller.ts'
import type { Transport } from './api-client.ts'

export function recordsTransport(context: ApiContext, log: Log): Transport {
  return async ({ route, params, query, body }) => {
    const answer = await answerTo(
      route,
      {
        caller: async () => localCaller,
        browser: null,
        params,
        query,
        body,
        lastEventId: null,
        keyed: null,
        signal: new AbortController().signal,
      },
      context,
      log,
    )
    if (answer.kind === 'problem')
      return { status: answer.problem.status, body: JSON.stringify(answer.problem) }
    invariant(answer.kind === 'answer', 'without a relay there are no streams')
    return { status: answer.status, body: JSON.stringify(answer.body) }
  }
}
