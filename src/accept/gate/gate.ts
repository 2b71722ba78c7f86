// SPDX-License-Identifier: Apache-2.0
/**
 * May this message go out under this name? A tenant sends only from domains that it has set up, and below
 * them; so what leaves is signed by the From domain, and what bounces comes back to us. What another tenant has
 * verified is nobody else's. That holds at any setting; what receivers ask for beyond it is the stream's choice: `off`, `warn`,
 * `hold` or `reject`.
 */
import type { GateCheck } from '../../events/gate-check.ts'
import { coveringEntry } from '../../protocol/domain-cover.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { Directory } from '../../records/directory.ts'
import type { SendingDomain, Slug } from '../../records/records.ts'
import type { Submitter } from '../acceptor.ts'
import { failedChecks, type GatedContent } from './gate-checks.ts'
import { gateReply } from './gate-texts.ts'

export interface Passed {
  readonly kind: 'passed'
  /** Whose keys sign; `null` leaves it unsigned. */
  readonly signingDomain: SendingDomain | null
  /** Where the return path is; `null` keeps the submitter's. */
  readonly returnPathDomain: Domain | null
  /** What is wrong with it all the same; nearly always `null`. */
  readonly warning: Warning | null
}

export interface Warning {
  readonly domain: SendingDomain
  readonly failed: readonly [GateCheck, ...GateCheck[]]
}

export type Verdict =
  | Passed
  /** `check`: which one of the stream's gate; `null`: no setting would have let it pass. */
  | { readonly kind: 'refused'; readonly reply: Reply; readonly check: GateCheck | null }

export type Gate = (directory: Directory, submitter: Submitter, content: GatedContent) => Verdict

/** For what tenants submit: every domain in From and Sender needs the right to be there; From's first one signs. */
export const submissionGate: Gate = (directory, submitter, content) => {
  const { facts, stream } = content
  const { senderDomain } = facts
  const { tenant } = submitter
  if (senderDomain !== null && domainFor(directory, tenant, senderDomain) === null)
    return refuse(550, '5.7.1', `Sender domain ${senderDomain} is not set up for this account`)
  for (const name of facts.fromDomains)
    if (domainFor(directory, tenant, name) === null)
      return refuse(550, '5.7.1', `From domain ${name} is not set up for this account`)
  const domain = domainFor(directory, tenant, facts.fromDomain)
  if (domain === null) return refuse(550, '5.7.1', 'From has no domain')
  const warning =
    stream.gate === 'off' ? null : warningOf(failedChecks(directory, domain, content), domain)
  if (warning !== null && stream.gate === 'reject')
    return { kind: 'refused', reply: gateReply(warning.failed, domain), check: warning.failed[0] }
  const { returnPathDomain } = domain
  return { kind: 'passed', signingDomain: domain, returnPathDomain, warning }
}

/** For our own reports: signed where our host name, or a domain above it, is set up. */
export const ownGate: Gate = (directory, _submitter, { facts }) => {
  const domain = coveringEntry(directory.domains, facts.fromDomain)
  return { kind: 'passed', signingDomain: domain, returnPathDomain: null, warning: null }
}

function warningOf(failed: readonly GateCheck[], domain: SendingDomain): Warning | null {
  return isAny(failed) ? { domain, failed } : null
}

function isAny(checks: readonly GateCheck[]): checks is Warning['failed'] {
  return checks.length > 0
}

/**
 * The domain itself, or the nearest above it (relaxed alignment, RFC 7489 §3.1.1): of verified ones, or where there is none
 * of those that the tenant has set up.
 */
export function domainFor(directory: Directory, tenant: Slug, name: Domain): SendingDomain | null {
  const verified = coveringEntry(directory.verifiedDomains, name)
  if (verified !== null) return verified.tenant === tenant ? verified : null
  return coveringEntry(directory.domainsOf(tenant), name)
}

function refuse(code: number, enhanced: string, text: string): Verdict {
  return { kind: 'refused', reply: reply(code, enhanced, text), check: null }
}
