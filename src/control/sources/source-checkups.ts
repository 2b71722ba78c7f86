// SPDX-License-Identifier: Apache-2.0
/**
 * Checks sources when they are due, keeps what was found, and tells what has changed. A source may rest for what is found, where the
 * configuration says so, and sends again once that is gone for sure. One process of a relay does it.
 */
import { type DurationMs, type Instant, ms, plus } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { checkPace } from '../../base/limits/source-limits.ts'
import type { Log } from '../../base/log.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { newSource, type SourceRecord, type SourceState, sourceIn } from '../../records/source.ts'
import {
  flawsOf,
  type SourceCheckup,
  type SourceFindings,
  type SourceFlaw,
  sourceFlaws,
  unsettledOf,
} from '../../records/source-checkup.ts'
import type { AnnouncedEvent } from '../desk/mail-desk.ts'
import type { Blocklist } from './blocklist.ts'
import { keptWhereSilent } from './kept-findings.ts'
import { type CheckContext, SourceCheck } from './source-check.ts'
import type { ConfiguredSource, SourceContext } from './source-service.ts'

/** Who rests a source that rests by itself. */
const CHECKS = 'its checks'

export interface CheckupSettings {
  readonly every: DurationMs
  readonly restOn: readonly SourceFlaw[]
  readonly lists: readonly Blocklist[]
}

export interface SourceCheckupParts extends Omit<SourceContext, 'desk'> {
  /** Made for one round, and to be closed: what it remembers is as old as that. */
  readonly resolver: () => Promise<Resolver>
  readonly settings: () => CheckupSettings
  readonly tryAddress: CheckContext['tryAddress']
  /** The records were changed: every process takes notice. */
  readonly refresh: () => Promise<void>
}

interface Said {
  readonly what: AnnouncedEvent
  readonly text: string
}

export class SourceCheckups {
  readonly #parts: SourceCheckupParts
  /** By what is looked up: another address or name is another thing. */
  #dueAt: ReadonlyMap<string, Instant> = new Map()

  constructor(parts: SourceCheckupParts) {
    this.#parts = parts
  }

  async follow(log: Log, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts.records
    while (!signal.aborted) {
      await clock.sleep(ms(checkPace.lookMs), signal)
      try {
        if (!signal.aborted) await this.checkDue()
      } catch (thrown) {
        // A store that is away now, or no resolver: what is due stays due.
        log.warn({ error: messageOf(thrown) }, 'sources could not be checked')
      }
    }
  }

  /** Those whose time has come; at the start, all. */
  async checkDue(): Promise<void> {
    const { configured, records } = this.#parts
    const { clock } = records
    const now = clock.now()
    const all = configured()
    const due = all.filter((source) => (this.#dueAt.get(keyOf(source)) ?? now) <= now)
    if (due.length === 0) return
    const checkups = await this.check(due)
    const next = new Map(due.map((source, at) => [keyOf(source), this.#nextAt(checkups[at])]))
    this.#dueAt = new Map(
      all.map((source) => {
        const key = keyOf(source)
        return [key, next.get(key) ?? this.#dueAt.get(key) ?? now]
      }),
    )
  }

  /** Now, whenever they would be due. */
  async check(sources: readonly ConfiguredSource[]): Promise<readonly SourceCheckup[]> {
    const { resolver: open, settings, tryAddress } = this.#parts
    await using resolver = await open()
    const round = new SourceCheck({ resolver, lists: settings().lists, tryAddress })
    const checkups: SourceCheckup[] = []
    for (const source of sources)
      checkups.push(await this.#settle(source.name, await round.findingsOf(source)))
    return checkups
  }

  #nextAt(checkup: SourceCheckup | undefined): Instant {
    const { records, settings } = this.#parts
    const { clock, random } = records
    const isUnsettled = checkup !== undefined && unsettledOf(checkup.findings).size > 0
    const wait = isUnsettled ? Math.min(checkPace.silentMs, settings().every) : settings().every
    const spread = 1 + checkPace.jitter * (2 * random.fraction() - 1)
    return plus(clock.now(), ms(Math.round(wait * spread)))
  }

  async #settle(name: string, found: SourceFindings): Promise<SourceCheckup> {
    const { announce, records, refresh } = this.#parts
    const { clock, store } = records
    const { checkup, said, isChanged } = await store.transaction(async (within) => {
      const before = (await within.sourceCheckups.list()).find((each) => each.name === name)
      const findings = keptWhereSilent(found, before?.findings ?? null)
      const checkup = { name, checkedAt: clock.now(), findings }
      await within.sourceCheckups.put(checkup)
      const change = changeOf(before?.findings ?? null, findings)
      const record = (await within.sources.list()).find((each) => each.name === name)
      const known = record ?? newSource(name, clock.now())
      const rest = this.#restAfter(known, change, findings)
      if (rest !== null) await within.sources.put(sourceIn(known, rest.state, clock.now()))
      const said = [...change.appeared, ...change.gone].map((each) => sentenceOf(name, each))
      return {
        checkup,
        said: rest === null ? said : [...said, rest.said],
        isChanged: rest !== null,
      }
    })
    if (isChanged) await refresh()
    for (const { what, text } of said) await announce(what, text)
    return checkup
  }

  /** It rests for what has appeared; and sends again when nothing that it would rest for is there, or may be. */
  #restAfter(
    { name, state }: SourceRecord,
    { appeared }: Change,
    findings: SourceFindings,
  ): { readonly state: SourceState; readonly said: Said } | null {
    const { restOn } = this.#parts.settings()
    const reasons = appeared.filter(({ flaw }) => restOn.includes(flaw)).map(({ why }) => why)
    if (state.kind === 'active' && reasons.length > 0) {
      const reason = reasons.join('; ')
      return {
        state: { kind: 'resting', until: null, reason, by: CHECKS },
        said: { what: 'sourceResting', text: `${name}: rests by itself, since ${reason}` },
      }
    }
    if (state.kind !== 'resting' || state.by !== CHECKS) return null
    const isThere = (flaw: SourceFlaw) =>
      flawsOf(findings).has(flaw) || unsettledOf(findings).has(flaw)
    if (sourceFlaws.some((flaw) => restOn.includes(flaw) && isThere(flaw))) return null
    const text = `${name}: sends again, since what it rested for is gone`
    return { state: { kind: 'active' }, said: { what: 'sourceResumed', text } }
  }
}

interface Noticed {
  readonly flaw: SourceFlaw
  readonly isGone: boolean
  readonly why: string
}

interface Change {
  readonly appeared: readonly Noticed[]
  readonly gone: readonly Noticed[]
}

/** What is unsettled has neither come nor gone. */
function changeOf(before: SourceFindings | null, after: SourceFindings): Change {
  const had = before === null ? new Map<SourceFlaw, string>() : flawsOf(before)
  const has = flawsOf(after)
  const unsettled = unsettledOf(after)
  const hadLists = new Set(listing(before?.lists ?? []))
  const isOnMore = listing(after.lists).some((list) => !hadLists.has(list))
  return {
    appeared: [...has].flatMap(([flaw, why]) =>
      (flaw === 'listed' ? isOnMore : !had.has(flaw)) ? [{ flaw, why, isGone: false }] : [],
    ),
    gone: [...had].flatMap(([flaw, why]) =>
      has.has(flaw) || unsettled.has(flaw) ? [] : [{ flaw, why, isGone: true }],
    ),
  }
}

/** Those that have it. */
function listing(lists: SourceFindings['lists']): readonly string[] {
  return lists.flatMap(({ list, state }) => (state === 'listed' ? [list] : []))
}

const events = {
  address: { come: 'sourceMissing', gone: 'sourcePresent' },
  reverse: { come: 'sourceMisnamed', gone: 'sourceNamed' },
  ehlo: { come: 'sourceMisnamed', gone: 'sourceNamed' },
  listed: { come: 'sourceListed', gone: 'sourceUnlisted' },
} as const satisfies Record<SourceFlaw, { readonly come: AnnouncedEvent; gone: AnnouncedEvent }>

function sentenceOf(name: string, { flaw, isGone, why }: Noticed): Said {
  const { come, gone } = events[flaw]
  return isGone
    ? { what: gone, text: `${name}: no more so: ${why}` }
    : { what: come, text: `${name}: ${why}` }
}

function keyOf({ address, ehlo, localAddress, name }: ConfiguredSource): string {
  return `${name} ${localAddress} ${address} ${ehlo}`
}
