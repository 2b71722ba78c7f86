// SPDX-License-Identifier: Apache-2.0
/** What was last found of a source: its address, its names, and lists that have it. Beside its state, for it is written often. */
import type { Instant } from '../base/brand.ts'

/** `skipped`: there is nothing to ask about. `unknown`: nobody answered. */
export interface Finding {
  readonly state: 'ok' | 'wrong' | 'unknown' | 'skipped'
  /** In a sentence; `null` where all is well. */
  readonly why: string | null
}

/** `unanswered`: the list did not answer. `refused`: it does not answer us, or not truly; it says nothing about the source. */
export interface ListFinding {
  /** As the configuration names it. */
  readonly list: string
  readonly state: 'clear' | 'listed' | 'unanswered' | 'refused'
  readonly why: string | null
}

export interface SourceFindings {
  /** Whether this machine has it. */
  readonly address: Finding
  /** Forward-confirmed reverse DNS. */
  readonly reverse: Finding
  /** The EHLO name leads to it. */
  readonly ehlo: Finding
  readonly lists: readonly ListFinding[]
}

/** What may be wrong with a source. */
export const sourceFlaws = ['address', 'reverse', 'ehlo', 'listed'] as const
export type SourceFlaw = (typeof sourceFlaws)[number]

export interface SourceCheckup {
  readonly name: string
  readonly checkedAt: Instant
  readonly findings: SourceFindings
}

/** The part of the store that keeps them. */
export interface SourceCheckupRecords {
  /** By name. */
  list(): Promise<readonly SourceCheckup[]>
  /** Not counted as a change of records. */
  put(checkup: SourceCheckup): Promise<void>
}

/** What is wrong with each flaw that a source has, in sentences. */
export function flawsOf({
  address,
  ehlo,
  lists,
  reverse,
}: SourceFindings): ReadonlyMap<SourceFlaw, string> {
  const flaws = new Map<SourceFlaw, string>()
  for (const [flaw, { state, why }] of Object.entries({ address, reverse, ehlo }))
    if (state === 'wrong') flaws.set(flaw as SourceFlaw, why ?? 'it is wrong')
  const having = lists.filter(({ state }) => state === 'listed')
  if (having.length > 0) flaws.set('listed', having.map(({ why }) => why).join('; '))
  return flaws
}

/** Flaws of which nobody can say now whether they are there. */
export function unsettledOf({ lists, ...findings }: SourceFindings): ReadonlySet<SourceFlaw> {
  const unsettled = new Set<SourceFlaw>()
  for (const flaw of ['address', 'reverse', 'ehlo'] as const)
    if (findings[flaw].state === 'unknown') unsettled.add(flaw)
  if (lists.some(({ state }) => state === 'unanswered' || state === 'refused'))
    unsettled.add('listed')
  return unsettled
}
