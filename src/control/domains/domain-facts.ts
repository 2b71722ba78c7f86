// SPDX-License-Identifier: Apache-2.0
/** What happens to sending domains, in words. */
import type { DomainFacts } from '../../events/domain-event.ts'
import { keyName } from '../../records/domains/dns-records.ts'
import type { DomainState, SendingDomain, SigningKey } from '../../records/records.ts'

/** It came into a state. */
export function stateFacts(domain: SendingDomain, entered: DomainState): DomainFacts {
  return entered === 'failing'
    ? facts('domain.failing', domain, `is verified no more: ${domain.stateReason}`)
    : facts('domain.verified', domain, 'is verified: what it needs is in the DNS')
}

export function rotatingFacts(domain: SendingDomain, keys: readonly SigningKey[]): DomainFacts {
  const next = keys.filter(({ state }) => state === 'next')
  return facts('domain.rotating', domain, `has new keys, which wait for the DNS: ${names(next)}`)
}

export function rotatedFacts(domain: SendingDomain, keys: readonly SigningKey[]): DomainFacts {
  const active = keys.filter(({ state }) => state === 'active')
  return facts('domain.rotated', domain, `is signed for by new keys: ${names(active)}`)
}

export function retiredFacts(domain: SendingDomain, removed: readonly SigningKey[]): DomainFacts {
  const text = `needs these old keys no more, take them out of the DNS: ${names(removed)}`
  return facts('domain.key-retired', domain, text)
}

function facts(type: DomainFacts['type'], domain: SendingDomain, text: string): DomainFacts {
  const { tenant, name, lacks } = domain
  return { type, tenant, domain: name, lacks: [...lacks], text: `${name} ${text}` }
}

function names(keys: readonly SigningKey[]): string {
  return keys.map(keyName).join(', ')
}
