// SPDX-License-Identifier: Apache-2.0
/** Hosts that a sending domain may not have, since they are another tenant's. */
import { RelayError } from '../../base/errors.ts'
import type { SendingDomain } from '../records.ts'

/** Throws `RLY_RECORD_INVALID`. `all`: the domains of all tenants. A domain of which nothing was seen yet is nobody's. */
export function checkHosts(domain: SendingDomain, all: readonly SendingDomain[]): void {
  const others = all.filter(
    ({ name, state, tenant }) =>
      tenant !== domain.tenant && name !== domain.name && state !== 'pending',
  )
  for (const host of [domain.returnPathDomain, domain.trackingDomain])
    if (others.some((other) => isOf(other, host, domain.name)))
      throw new RelayError(
        'RLY_RECORD_INVALID',
        `"${host}" cannot be used by ${domain.name}: expected a name below it, such as "mail.${domain.name}"`,
      )
}

/** One of its own, or a name below it, unless the domain `of` is itself below it. */
function isOf(other: SendingDomain, host: string, of: string): boolean {
  if (host === other.trackingDomain || host === other.returnPathDomain) return true
  return isAtOrBelow(host, other.name) && !isAtOrBelow(of, other.name)
}

function isAtOrBelow(name: string, top: string): boolean {
  return name === top || name.endsWith(`.${top}`)
}
