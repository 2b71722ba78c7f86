// SPDX-License-Identifier: Apache-2.0
/**
 * What check-ups make of a sending domain. Here alone its state changes:
 *
 *     pending ──▶ verified ◀──▶ failing
 *
 * What is needed must be seen for `verified`. What was seen and is gone counts as lacking only after several check-ups
 * over some time, and a DNS that gives no answer says nothing: everything stays as it was.
 */
import { between, type Instant } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import { domainLimits } from '../../base/limits/domain-limits.ts'
import {
  type DnsRecordKind,
  type DomainState,
  dnsRecordKinds,
  type SendingDomain,
} from '../records.ts'

/** Without these nothing is verified; the others are shown, and the gate may ask for them. */
export const neededKinds = [
  'ownership',
  'dkim',
  'return-path',
  'spf',
] as const satisfies readonly DnsRecordKind[]

/** What one look at the DNS found of the records of a kind. */
export interface Finding {
  /** `unknown`: the DNS gave no answer. */
  readonly state: 'seen' | 'absent' | 'unknown'
  /** `null` where it is seen. */
  readonly why: string | null
}

/** Kinds of which nothing is expected are not there. */
export type Findings = ReadonlyMap<DnsRecordKind, Finding>

/** Something that was seen, and was not there at the last check-ups. */
export interface Absence {
  readonly kind: DnsRecordKind
  readonly since: Instant
  /** Check-ups that did not see it. */
  readonly times: number
}

export interface Assessment {
  readonly domain: SendingDomain
  readonly absences: readonly Absence[]
  /** The state that it came into; `null`: it is in the one before. */
  readonly entered: DomainState | null
}

export const allowedDomainStates = {
  pending: ['verified'],
  verified: ['failing'],
  failing: ['verified'],
} as const satisfies Record<DomainState, readonly DomainState[]>

const TAKEN =
  'All that is needed is published, but the domain is verified for somebody else here, until their records are gone.'

/** `isTaken`: another tenant has it verified. */
export function assessDomain(
  domain: SendingDomain,
  absences: readonly Absence[],
  findings: Findings,
  now: Instant,
  isTaken: boolean,
): Assessment {
  const lacks: DnsRecordKind[] = []
  const left: Absence[] = []
  for (const kind of dnsRecordKinds) {
    const lacked = domain.lacks.includes(kind)
    const absence = absences.find((one) => one.kind === kind) ?? null
    const finding = findings.get(kind)
    if (finding === undefined || finding.state === 'seen') continue
    if (lacked) lacks.push(kind)
    else if (finding.state === 'unknown') left.push(...(absence === null ? [] : [absence]))
    else {
      const times = (absence?.times ?? 0) + 1
      const since = absence?.since ?? now
      if (isLasting(times, since, now)) lacks.push(kind)
      else left.push({ kind, since, times })
    }
  }
  const isLacking = neededKinds.some((kind) => lacks.includes(kind))
  const state = isLacking ? lackingStates[domain.state] : isTaken ? domain.state : 'verified'
  const reason = state === 'verified' ? null : isLacking ? reasonOf(lacks, findings) : TAKEN
  const next = { ...domain, lacks, stateReason: reason }
  if (state === domain.state) return { domain: next, absences: left, entered: null }
  return { domain: enter(next, state, now), absences: left, entered: state }
}

const lackingStates = {
  pending: 'pending',
  verified: 'failing',
  failing: 'failing',
} as const satisfies Record<DomainState, DomainState>

/** Throws where the table forbids it. */
export function enter(domain: SendingDomain, state: DomainState, now: Instant): SendingDomain {
  const allowed: readonly DomainState[] = allowedDomainStates[domain.state]
  invariant(allowed.includes(state), `a domain goes from ${domain.state} to ${state}`)
  return { ...domain, state, verifiedAt: state === 'verified' ? now : domain.verifiedAt }
}

function isLasting(times: number, since: Instant, now: Instant): boolean {
  return times >= domainLimits.absencesUntilLacking && between(since, now) >= domainLimits.absentMs
}

/** One sentence for each kind that is needed and lacking. */
function reasonOf(lacks: readonly DnsRecordKind[], findings: Findings): string {
  return neededKinds
    .filter((kind) => lacks.includes(kind))
    .map((kind) => `${kind}: ${findings.get(kind)?.why ?? 'not seen'}`)
    .join('; ')
    .slice(0, domainLimits.reasonCharacters)
}
