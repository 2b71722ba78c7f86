// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleDomain } from '../../../test/support/sample-domains.ts'
import { type Instant, instant, minutes, plus } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import {
  type DnsRecordKind,
  type DomainState,
  dnsRecordKinds,
  lackedAtFirst,
  type SendingDomain,
} from '../records.ts'
import {
  type Absence,
  allowedDomainStates,
  assessDomain,
  enter,
  type Finding,
  neededKinds,
} from './domain-state.ts'

const START = instant(1_000_000)
const states = Object.keys(allowedDomainStates) as DomainState[]
const verified = sampleDomain('shop.example', {
  ...{ state: 'verified', stateReason: null, lacks: [], verifiedAt: instant(5) },
})

/** All is seen, but for these. */
function findings(but: Partial<Record<DnsRecordKind, Finding['state']>> = {}) {
  const kinds = dnsRecordKinds.filter((kind) => !kind.startsWith('dkim-'))
  return new Map(
    kinds.map((kind) => {
      const state = but[kind] ?? 'seen'
      return [kind, { state, why: state === 'seen' ? null : `it is ${state}` }] as const
    }),
  )
}

/** What several check-ups in a row make of it. */
function after(
  domain: SendingDomain,
  looks: readonly (readonly [Instant, Parameters<typeof findings>[0]])[],
  isTaken = false,
) {
  let known: { domain: SendingDomain; absences: readonly Absence[] } = { domain, absences: [] }
  const entered: (DomainState | null)[] = []
  for (const [at, but] of looks) {
    const assessment = assessDomain(known.domain, known.absences, findings(but), at, isTaken)
    entered.push(assessment.entered)
    known = assessment
  }
  return { ...known, entered }
}

const later = (count: number) => plus(START, minutes(count))

describe('The state of a sending domain', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of states)
      for (const to of states) {
        const allowed: readonly DomainState[] = allowedDomainStates[from]
        const go = () => enter({ ...verified, state: from }, to, START).state
        if (allowed.includes(to)) assert.equal(go(), to)
        else assert.throws(go, InvariantError, `${from} to ${to}`)
      }
  })

  it('is verified as soon as all that is needed is seen, whatever else is not', () => {
    const but = { dmarc: 'absent', tracking: 'unknown' } as const
    const { domain, entered } = after(sampleDomain(), [[START, but]])
    assert.deepEqual(entered, ['verified'])
    assert.deepEqual(domain, {
      ...sampleDomain(),
      ...{ state: 'verified', stateReason: null, verifiedAt: START },
      lacks: ['dmarc', 'tracking'],
    })
  })

  for (const kind of neededKinds)
    it(`is not verified without ${kind}, and says why`, () => {
      for (const state of ['absent', 'unknown'] as const) {
        const { domain } = after(sampleDomain(), [[START, { [kind]: state }]])
        assert.deepEqual([domain.state, domain.lacks], ['pending', [kind]])
        assert.equal(domain.stateReason, `${kind}: it is ${state}`)
      }
    })

  it('fails only when something was gone at several check-ups, over some time', () => {
    const gone = { spf: 'absent' } as const
    assert.deepEqual(
      after(
        verified,
        [0, 20, 40, 61].map((at) => [later(at), gone]),
      ).entered,
      [null, null, null, 'failing'],
      'often enough, but not for long enough at first',
    )
    assert.deepEqual(
      after(
        verified,
        [0, 300].map((at) => [later(at), gone]),
      ).entered,
      [null, null],
      'for long enough, but not often enough',
    )
    const { domain } = after(
      verified,
      [0, 60, 120].map((at) => [later(at), gone]),
    )
    assert.deepEqual([domain.state, domain.stateReason], ['failing', 'spf: it is absent'])
    assert.equal(domain.verifiedAt, verified.verifiedAt)
  })

  it('forgets an absence when the record is seen again, and keeps it while the DNS is silent', () => {
    const gone = { spf: 'absent' } as const
    const silent = { spf: 'unknown' } as const
    const look = (...what: Parameters<typeof findings>) => what[0]
    const seen = after(
      verified,
      [gone, gone, {}, gone].map((but, at) => [later(60 * at), look(but)]),
    )
    assert.deepEqual(seen.absences, [{ kind: 'spf', since: later(180), times: 1 }])
    assert.equal(seen.domain.state, 'verified')
    const kept = after(
      verified,
      [gone, silent, silent].map((but, at) => [later(60 * at), look(but)]),
    )
    assert.deepEqual(kept.absences, [{ kind: 'spf', since: START, times: 1 }])
  })

  it('stays as it is while the DNS gives no answer, for as long as that lasts', () => {
    const silent = Object.fromEntries(dnsRecordKinds.map((kind) => [kind, 'unknown' as const]))
    const looks = Array.from({ length: 50 }, (_, at) => [later(60 * at), silent] as const)
    for (const state of states) {
      const lacks = state === 'verified' ? [] : lackedAtFirst
      const { domain, entered } = after({ ...verified, state, lacks }, looks)
      assert.equal(domain.state, state)
      assert.ok(entered.every((one) => one === null))
    }
  })

  it('is verified again as soon as what was gone is there', () => {
    const failing: SendingDomain = { ...verified, state: 'failing', lacks: ['dkim'] }
    const { domain, entered } = after(failing, [[START, {}]])
    assert.deepEqual(entered, ['verified'])
    assert.deepEqual([domain.stateReason, domain.verifiedAt], [null, START])
  })

  it('waits while the domain is verified for another tenant', () => {
    const { domain, entered } = after(sampleDomain(), [[START, {}]], true)
    assert.deepEqual([domain.state, entered], ['pending', [null]])
    assert.match(domain.stateReason ?? '', /verified for somebody else/)
  })
})
