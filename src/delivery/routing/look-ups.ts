// SPDX-License-Identifier: Apache-2.0
/** Questions where mail of a domain goes. Thousands of domains that come at once take turns, by tenant; at the end nobody waits for an answer. */
import type { AbortSet } from '../../base/abort-set.ts'
import { FairTurnstile } from '../../base/fair-turnstile.ts'
import { dnsLimits } from '../../base/limits/limits.ts'
import { domainOfQueue, parseQueueName, type QueueName } from '../../spool/queue-name.ts'
import type { RouteResult, Router } from './routing.ts'

export class LookUps {
  readonly #router: Pick<Router, 'route'>
  readonly #begun: AbortSet
  readonly #turns = new FairTurnstile(dnsLimits.lookUps)

  /** `begun`: aborts when the end begins. */
  constructor(router: Pick<Router, 'route'>, begun: AbortSet) {
    this.#router = router
    this.#begun = begun
  }

  /** `null`: the end has begun. */
  async of(queue: QueueName): Promise<RouteResult | null> {
    const tenant = parseQueueName(queue)?.tenant ?? ''
    const found = Promise.withResolvers<RouteResult | null>()
    const giveUp = () => found.resolve(null)
    this.#begun.add(giveUp)
    this.#turns
      .pass(tenant, () => this.#router.route(domainOfQueue(queue)))
      .then(found.resolve, found.reject)
    try {
      return await found.promise
    } finally {
      this.#begun.delete(giveUp)
    }
  }
}
