// SPDX-License-Identifier: Apache-2.0
/**
 * All brakes of a process. Mail that ends for good is counted by cause, everywhere (over distinct domains) and at each site
 * (over distinct recipients). Where one cause has become most of what ends, against what is usual, it is rather a resolver, a
 * rule or a receiver that has gone wrong than all those recipients: further ones wait until a person has decided.
 *
 * Bound: of one cause at most `mostShare` of `ends` get past at each site, and as many everywhere once `leastDomains` are
 * concerned: 90 · 8 = 720 in each process, whatever the list. Only what ends counts; what was taken does not wait.
 *
 * A domain that has no site (a mistyped one) and never took mail is held by itself only while its cause is most of all ends.
 *
 * What was counted outlives the process (`history`, `restore`); a brake that holds is a record, and stays.
 */

import type { Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { brakeLimits } from '../../base/limits/brake-limits.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { Brake } from './brake.ts'
import { type BrakeNumbers, type KeptEnds, RecentEnds } from './recent-ends.ts'

/** Whose mail ends, as far as brakes tell apart. */
export interface EndPlace {
  /** Or the domain, where it has no site. */
  readonly site: string
  readonly domain: string
  readonly recipient: string
}

export interface NewHold extends BrakeNumbers {
  readonly cause: string
  /** `null`: everywhere. */
  readonly site: string | null
  readonly since: Instant
}

/** What a process has counted, for the next one. */
export interface BrakeHistory {
  readonly writtenAt: Instant
  /** Their numbers are their places, from 1. */
  readonly causes: readonly string[]
  readonly everywhere: KeptEnds
  /** Those where something has failed, at most `keptSites`. */
  readonly sites: readonly (readonly [site: string, ends: KeptEnds])[]
  /** Domains that took mail, and at which site. */
  readonly taken: readonly (readonly [domain: string, site: string])[]
}

export class Brakes {
  readonly #clock: Clock
  readonly #onHold: (hold: NewHold) => void
  #everywhere = new RecentEnds(brakeLimits.leastDomains)
  /** The one that was quiet longest first. */
  readonly #sites = new Map<string, RecentEnds>()
  readonly #causes = new Map<string, number>()
  /** Domains that took mail, and at which site: one that ends by routing all at once has been lost, and was not mistyped. */
  readonly #taken = new Map<string, string>()
  /** By name; those that watch are left out. */
  readonly #brakes = new Map<string, Brake>()
  /** That this process holds and has not seen among the records yet. */
  readonly #unseen = new Set<string>()
  #counted = 0

  constructor(clock: Clock, onHold: (hold: NewHold) => void) {
    this.#clock = clock
    this.#onHold = onHold
  }

  history(): BrakeHistory {
    const now = this.#clock.monotonic()
    const failing = [...this.#sites].filter(([, ends]) => ends.hasFailures)
    return {
      writtenAt: this.#clock.now(),
      causes: [...this.#causes.keys()],
      everywhere: this.#everywhere.kept(now),
      sites: failing.slice(-brakeLimits.keptSites).map(([site, ends]) => [site, ends.kept(now)]),
      taken: [...this.#taken],
    }
  }

  /** Before anything is counted. What a person has decided about since (`records`) does not count. */
  restore(history: BrakeHistory, records: readonly BrakeRecord[]): void {
    const { causes, everywhere, sites, taken, writtenAt } = history
    const away = Math.max(0, this.#clock.now() - writtenAt)
    const before = this.#clock.monotonic() - away
    for (const cause of causes) this.#numberOf(cause)
    this.#everywhere = RecentEnds.restored(brakeLimits.leastDomains, everywhere, before)
    for (const [site, ends] of sites)
      this.#sites.set(site, RecentEnds.restored(brakeLimits.leastRecipients, ends, before))
    for (const [domain, site] of taken) this.#remember(domain, site)
    for (const { decidedAt, name } of records)
      if (decidedAt !== null && decidedAt >= writtenAt) this.#forget(name)
  }

  /** Changes with each end that is counted. */
  get counted(): number {
    return this.#counted
  }

  /** A receiver took it. */
  delivered({ domain, recipient, site }: EndPlace): void {
    this.#counted++
    const now = this.#clock.monotonic()
    this.#everywhere.add(0, hashOf(domain), now)
    this.#endsAt(site).add(0, hashOf(recipient), now)
    this.#remember(domain, site)
  }

  /** It would end by this cause: the name of the brake that holds it, or `null`, and then it has ended. */
  ended(cause: string, { domain, recipient, site }: EndPlace): string | null {
    const everywhere = this.#stateOf(cause)
    const here = this.#stateOf(nameOf(cause, site))
    if (everywhere === 'holding') return cause
    if (here === 'holding') return nameOf(cause, site)
    if (everywhere === 'passing' || here === 'passing') return null
    const number = this.#numberOf(cause)
    const now = this.#clock.monotonic()
    const ends = this.#endsAt(site)
    const atSite = ends.excess(number, hashOf(recipient), now)
    const mayHold = site !== domain || this.#taken.has(domain) || this.#dominates(number, now)
    if (atSite !== null && mayHold && this.#hold(cause, site, atSite)) return nameOf(cause, site)
    const inAll = this.#everywhere.excess(number, hashOf(domain), now)
    if (inAll !== null && this.#hold(cause, null, inAll)) return cause
    this.#counted++
    ends.add(number, hashOf(recipient), now)
    this.#everywhere.add(number, hashOf(domain), now)
    return null
  }

  /** It ended so after it was taken: beside what was taken there, for a report does not say at which site that was. */
  reported(cause: string, recipient: string): void {
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1)
    this.ended(cause, { site: this.#taken.get(domain) ?? domain, domain, recipient })
  }

  /** As the records have it: what a person has decided, what another process holds, what was held before a restart. */
  adopt(records: readonly BrakeRecord[]): void {
    const now = this.#clock.now()
    const seen = new Set<string>()
    for (const record of records) {
      seen.add(record.name)
      this.#unseen.delete(record.name)
      this.#adoptOne(record, now)
    }
    for (const [name, brake] of this.#brakes) {
      if (seen.has(name) || this.#unseen.has(name)) continue
      if (brake.release()) this.#forget(name)
      this.#brakes.delete(name)
    }
  }

  #adoptOne({ name, state, until }: BrakeRecord, now: Instant): void {
    const brake = this.#brakes.get(name) ?? new Brake()
    const before = brake.state(now).kind
    if (state === 'holding') {
      if (before === 'passing') brake.release()
      brake.hold(now)
    } else if (state === 'confirmed' && until !== null && until > now) {
      brake.confirm(until)
    } else brake.release()
    const { kind } = brake.state(now)
    if (kind === 'watching') this.#brakes.delete(name)
    else this.#brakes.set(name, brake)
    if (before === 'holding' && kind !== 'holding') this.#forget(name)
  }

  #dominates(cause: number, now: number): boolean {
    return this.#everywhere.dominates(cause, now)
  }

  #remember(domain: string, site: string): void {
    if (this.#taken.get(domain) === site) return
    this.#taken.set(domain, site)
    if (this.#taken.size <= brakeLimits.domains) return
    for (const first of this.#taken.keys()) {
      this.#taken.delete(first)
      break
    }
  }

  #stateOf(name: string) {
    return this.#brakes.get(name)?.state(this.#clock.now()).kind ?? 'watching'
  }

  #hold(cause: string, site: string | null, numbers: BrakeNumbers): boolean {
    const name = site === null ? cause : nameOf(cause, site)
    if (this.#brakes.size >= brakeLimits.brakes && !this.#brakes.has(name)) return false
    const brake = this.#brakes.get(name) ?? new Brake()
    const since = this.#clock.now()
    if (!brake.hold(since)) return false
    this.#brakes.set(name, brake)
    this.#unseen.add(name)
    this.#onHold({ ...numbers, cause, site, since })
    return true
  }

  /** What it was decided about counts no more. */
  #forget(name: string): void {
    const at = name.indexOf('@')
    const number = this.#numberOf(at === -1 ? name : name.slice(0, at))
    if (at === -1) this.#everywhere.forget(number)
    else this.#sites.get(name.slice(at + 1))?.forget(number)
  }

  #endsAt(site: string): RecentEnds {
    const ends = this.#sites.get(site) ?? new RecentEnds(brakeLimits.leastRecipients)
    this.#sites.delete(site)
    this.#sites.set(site, ends)
    if (this.#sites.size > brakeLimits.sites)
      for (const quietest of this.#sites.keys()) {
        this.#sites.delete(quietest)
        break
      }
    return ends
  }

  /** From 1: there are as many as classes. */
  #numberOf(cause: string): number {
    const known = this.#causes.get(cause)
    if (known !== undefined) return known
    const number = Math.min(255, this.#causes.size + 1)
    this.#causes.set(cause, number)
    return number
  }
}

/** As people name it: `no-such-mailbox@mx.example.net`. */
function nameOf(cause: string, site: string): string {
  return `${cause}@${site}`
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
