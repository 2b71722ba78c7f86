// SPDX-License-Identifier: Apache-2.0
/**
 * The independent count: what must be in the relay, by the providers' ledger alone, beside what the relay says through its API.
 * Sets of recipients are compared one by one, so that two mistakes do not make up for each other.
 */
import type { LedgerLine } from './ledger.ts'

/** What the relay says of one campaign. */
export interface RelayFacts {
  /** Of each kind of event, its recipients, as often as it was told. */
  readonly timelines: ReadonlyMap<string, readonly string[]>
  /** `reason address` of each entry. */
  readonly suppressions: readonly string[]
  /** By provider, then what was counted. */
  readonly rates: ReadonlyMap<string, RateNumbers>
  /** The signals of the source's warm-ups, by provider. */
  readonly warmUps: ReadonlyMap<string, WarmUpNumbers>
}

export interface RateNumbers {
  readonly delivered: number
  readonly bounced: number
  readonly reported: number
  readonly complained: number
  readonly unsubscribed: number
}

export interface WarmUpNumbers {
  /** Answers to recipients, of whatever kind. */
  readonly sent: number
  readonly delivered: number
  readonly deferred: number
  readonly refused: number
  readonly bounced: number
  /** There was nobody, said later. */
  readonly returned: number
  readonly complained: number
}

export interface CountRow {
  readonly what: string
  readonly ledger: number
  readonly relay: number
  /** Some of those that differ, in words; empty: it is right. */
  readonly different: readonly string[]
}

const SHOWN = 5

type Wait = 'greylisted' | 'throttled'

/** What is written in the ledger as …, is in a timeline as …. Who was put off is in none of these until the mail is taken. */
const timelineOf = {
  took: 'delivered',
  refused: 'bounced at once',
  bounced: 'bounced later',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
  answered: 'automatic replies',
} as const satisfies Record<Exclude<LedgerLine['what'], Wait>, string>

/** Other kinds that a timeline may have, of which there must be none. */
const others = ['expired', 'suppressed', 'other reports'] as const

export type TimelineKind = (typeof timelineOf)[keyof typeof timelineOf] | (typeof others)[number]

const numberOf = {
  took: 'delivered',
  refused: 'bounced',
  bounced: 'reported',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
} as const satisfies Partial<Record<LedgerLine['what'], keyof RateNumbers>>

/** Which lines of the ledger a signal is. Greylisting is an answer and no more; a filter or a full mailbox, said later, is none. */
const isSignal: { readonly [Number in keyof WarmUpNumbers]: (line: LedgerLine) => boolean } = {
  sent: ({ what }) => ['took', 'refused', 'greylisted', 'throttled'].includes(what),
  delivered: ({ what }) => what === 'took',
  deferred: ({ what }) => what === 'throttled',
  refused: ({ isGone, what }) => what === 'refused' && isGone === false,
  bounced: ({ isGone, what }) => what === 'refused' && isGone === true,
  returned: ({ isGone, what }) => what === 'bounced' && isGone === true,
  complained: ({ what }) => what === 'complained',
}

export function countOf(ledger: readonly LedgerLine[], facts: RelayFacts): readonly CountRow[] {
  return [
    ...timelineRows(ledger, facts),
    ...suppressionRows(ledger, facts),
    ...rateRows(ledger, facts),
    ...warmUpRows(ledger, facts),
  ]
}

export function isRight(rows: readonly CountRow[]): boolean {
  return rows.every(({ different }) => different.length === 0)
}

function timelineRows(ledger: readonly LedgerLine[], { timelines }: RelayFacts): CountRow[] {
  const rows = Object.entries(timelineOf).map(([what, kind]) => {
    const wanted = recipientsOf(ledger.filter((line) => line.what === what))
    return compare(`timelines: ${kind}`, wanted, timelines.get(kind) ?? [])
  })
  const none = others.map((kind) => compare(`timelines: ${kind}`, [], timelines.get(kind) ?? []))
  return [...rows, ...none]
}

function suppressionRows(ledger: readonly LedgerLine[], { suppressions }: RelayFacts): CountRow[] {
  const isGone = ({ isGone: gone }: LedgerLine) => gone === true
  const wanted = [
    ['bounce', ledger.filter(isGone)],
    ['complaint', ledger.filter(({ what }) => what === 'complained')],
    ['unsubscribe', ledger.filter(({ what }) => what === 'unsubscribed')],
  ] as const
  const rows = wanted.map(([reason, lines]) => {
    const found = suppressions.filter((text) => text.startsWith(`${reason} `))
    const addresses = found.map((text) => text.slice(reason.length + 1))
    return compare(`suppressions: ${reason}`, recipientsOf(lines), addresses)
  })
  const reasons = wanted.map(([reason]) => `${reason} `)
  const unknown = suppressions.filter((text) => !reasons.some((reason) => text.startsWith(reason)))
  return [...rows, compare('suppressions: other', [], unknown)]
}

function rateRows(ledger: readonly LedgerLine[], { rates }: RelayFacts): CountRow[] {
  const providers = new Set([...ledger.map(({ provider }) => provider), ...rates.keys()])
  return [...providers].sort().flatMap((provider) =>
    Object.entries(numberOf).map(([what, number]) => {
      const lines = ledger.filter((line) => line.provider === provider && line.what === what)
      const found = rates.get(provider)?.[number] ?? 0
      return compareNumbers(`${provider}: ${number}`, recipientsOf(lines).length, found)
    }),
  )
}

/** Of the providers at which the source is warmed up. */
function warmUpRows(ledger: readonly LedgerLine[], { warmUps }: RelayFacts): CountRow[] {
  return [...warmUps].flatMap(([provider, numbers]) =>
    Object.entries(isSignal).map(([number, isOne]) => {
      const lines = ledger.filter((line) => line.provider === provider && isOne(line))
      const found = numbers[number as keyof WarmUpNumbers]
      return compareNumbers(`warm-up at ${provider}: ${number}`, timesIn(lines), found)
    }),
  )
}

/** Each thing that happened to each recipient, once. */
function timesIn(lines: readonly LedgerLine[]): number {
  return new Set(lines.map(({ recipient, what }) => `${what} ${recipient}`)).size
}

function compareNumbers(what: string, wanted: number, found: number): CountRow {
  const different = wanted === found ? [] : [`${found} in place of ${wanted}`]
  return { what, ledger: wanted, relay: found, different }
}

/** A report that came twice is one. */
function recipientsOf(lines: readonly LedgerLine[]): readonly string[] {
  return [...new Set(lines.map(({ recipient }) => recipient))]
}

function compare(what: string, wanted: readonly string[], found: readonly string[]): CountRow {
  const [inLedger, inRelay] = [new Set(wanted), new Set(found)]
  const missing = [...inLedger.difference(inRelay)].map((name) => `${name} is missing`)
  const more = [...inRelay.difference(inLedger)].map((name) => `${name} is not in the ledger`)
  const twice =
    found.length === inRelay.size ? [] : [`${found.length - inRelay.size} are there twice`]
  const different = [...missing, ...more, ...twice].slice(0, SHOWN)
  return { what, ledger: wanted.length, relay: found.length, different }
}
