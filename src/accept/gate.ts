// SPDX-License-Identifier: Apache-2.0
/**
 * May this message go out under this name? A tenant sends only from domains that it has set up, and below
 * them; so what leaves is signed by the From domain, and what bounces comes back to us. What another tenant has
 * verified is nobody else's.
 */
import type { HeaderFacts } from '../content/header-facts.ts'
import { coveringEntry } from '../protocol/domain-cover.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { Directory } from '../records/directory.ts'
import type { SendingDomain, Slug } from '../records/records.ts'
import type { Submitter } from './acceptor.ts'

export interface Passed {
  readonly kind: 'passed'
  /** Whose keys sign; `null` leaves it unsigned. */
  readonly signingDomain: SendingDomain | null
  /** Where the return path is; `null` keeps the submitter's. */
  readonly returnPathDomain: Domain | null
}

export type Verdict = Passed | { readonly kind: 'refused'; readonly reply: Reply }

export type Gate = (directory: Directory, submitter: Submitter, facts: HeaderFacts) => Verdict

/** For what tenants submit: every domain in From and Sender needs the right to be there; From's first one signs. */
export const submissionGate: Gate = (directory, submitter, facts) => {
  const { senderDomain } = facts
  const { tenant } = submitter
  if (senderDomain !== null && domainFor(directory, tenant, senderDomain) === null)
    return refuse(550, '5.7.1', `Sender domain ${senderDomain} is not set up for this account`)
  for (const name of facts.fromDomains)
    if (domainFor(directory, tenant, name) === null)
      return refuse(550, '5.7.1', `From domain ${name} is not set up for this account`)
  const domain = domainFor(directory, tenant, facts.fromDomain)
  if (domain === null) return refuse(550, '5.7.1', 'From has no domain')
  return { kind: 'passed', signingDomain: domain, returnPathDomain: domain.returnPathDomain }
}

/** For our own reports: signed where our host name, or a domain above it, is set up. */
export const ownGate: Gate = (directory, _submitter, facts) => {
  const domain = coveringEntry(directory.domains, facts.fromDomain)
  return { kind: 'passed', signingDomain: domain, returnPathDomain: null }
}

/**
 * The domain itself, or the nearest above it (relaxed alignment, RFC 7489 §3.1.1): of verified ones, or where there is none
 * of those that the tenant has set up.
 */
function domainFor(directory: Directory, tenant: Slug, name: Domain): SendingDomain | null {
  const verified = coveringEntry(directory.verifiedDomains, name)
  if (verified !== null) return verified.tenant === tenant ? verified : null
  return coveringEntry(directory.domainsOf(tenant), name)
}

function refuse(code: number, enhanced: string, text: string): Verdict {
  return { kind: 'refused', reply: reply(code, enhanced, text) }
}
