// SPDX-License-Identifier: Apache-2.0
/**
 * What the gate would say of a domain's mail, whatever the message: made when the records change, from what checks of the DNS
 * have written there. Nothing is looked up.
 */
import type { GateCheck } from '../../events/gate-check.ts'
import { coveringEntry } from '../../protocol/domain-cover.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { SendingDomain, SigningKey } from '../records.ts'

/**
 * Whatever is wrong, in the order of `gateChecks`; empty where all is well. `keys`: that sign for it; `own`: the domains of its
 * tenant.
 */
export function standingOf(
  domain: SendingDomain,
  keys: readonly SigningKey[],
  own: ReadonlyMap<Domain, SendingDomain>,
): readonly GateCheck[] {
  const { lacks } = domain
  const failed: GateCheck[] = []
  if (domain.state !== 'verified') failed.push('domain')
  if (keys.length === 0 || lacks.includes('dkim')) failed.push('dkim')
  if (!isAligned(domain, own) || lacks.includes('return-path') || lacks.includes('spf'))
    failed.push('return-path')
  if (lacks.includes('dmarc')) failed.push('dmarc')
  return failed
}

/** Relaxed (RFC 9989 §5.1): below it, or with it below another domain of the tenant; so nothing has to be looked up. */
function isAligned(
  { name, returnPathDomain }: SendingDomain,
  own: ReadonlyMap<Domain, SendingDomain>,
): boolean {
  if (isWithin(returnPathDomain, name)) return true
  const common = coveringEntry(own, returnPathDomain)
  return common !== null && isWithin(name, common.name)
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}
