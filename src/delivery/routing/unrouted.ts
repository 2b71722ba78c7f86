// SPDX-License-Identifier: Apache-2.0
/** Fresh recipients whose domain is being looked up. They are in memory as those in windows are, and count as such. */
import { dnsLimits } from '../../base/limits/limits.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { DeliveryBudget } from '../delivery-budget.ts'

/** Recipients of one domain; the rest waits in the index, as it would behind a full window. */
const TOGETHER = 200

export class Unrouted {
  readonly #budget: Pick<DeliveryBudget, 'room' | 'enterWindow' | 'leaveWindow'>
  readonly #begin: (domain: Domain, first: ReadyRecipient) => void
  readonly #byDomain = new Map<Domain, ReadyRecipient[]>()

  /** `begin`: a domain is to be looked up; `end` is called when that is over. */
  constructor(
    budget: Pick<DeliveryBudget, 'room' | 'enterWindow' | 'leaveWindow'>,
    begin: (domain: Domain, first: ReadyRecipient) => void,
  ) {
    this.#budget = budget
    this.#begin = begin
  }

  /** `false`: there is no room, it is to wait in the index. */
  add(domain: Domain, recipient: ReadyRecipient): boolean {
    if (this.#budget.room === 0) return false
    const together = this.#byDomain.get(domain)
    if (together === undefined && this.#byDomain.size >= dnsLimits.waiting) return false
    if (together !== undefined && together.length >= TOGETHER) return false
    this.#budget.enterWindow(1)
    if (together !== undefined) together.push(recipient)
    else {
      this.#byDomain.set(domain, [recipient])
      this.#begin(domain, recipient)
    }
    return true
  }

  /** All that waited for the answer. */
  end(domain: Domain): readonly ReadyRecipient[] {
    const recipients = this.#byDomain.get(domain) ?? []
    this.#byDomain.delete(domain)
    this.#budget.leaveWindow(recipients.length)
    return recipients
  }
}
