// SPDX-License-Identifier: Apache-2.0
/**
 * How tenants stand in the pools that they share with others. What decides is `queue/standing`; the records keep it as text, and
 * beside it what was counted, by the hour.
 */
import type { Instant } from '../base/brand.ts'
import type { Slug } from './records.ts'

export const standingStates = ['good', 'watched', 'quarantined', 'held'] as const
export type StandingStateName = (typeof standingStates)[number]

export interface StandingPlace {
  readonly tenant: Slug
  /** That its streams name, not the one that they are sent by meanwhile. */
  readonly pool: string
}

/** What delivery goes by. */
export interface StandingEffect extends StandingPlace {
  readonly state: StandingStateName
}

export interface StandingRecord extends StandingEffect {
  /** JSON, of whoever decides: where it stands, and what was decided last. */
  readonly position: string
  readonly decisions: string
  readonly changedAt: Instant
}

/** Answers of receivers, and what came back, about attempts of an hour. */
export interface StandingCounts {
  readonly delivered: number
  /** Hard bounces of recipients that are not there, at once or by a report. */
  readonly unknown: number
  /** Refused or put off for what the mail is, not for where it comes from. */
  readonly refused: number
  readonly complained: number
}

export interface StandingHour extends StandingPlace, StandingCounts {
  /** Since 1970. */
  readonly hour: number
}

export interface StandingRecords {
  /** In the order of tenants and pools. */
  list(): Promise<readonly StandingRecord[]>
  /** Of those who are quarantined or held: read whenever a record changes. */
  effects(): Promise<readonly StandingEffect[]>
  find(place: StandingPlace): Promise<StandingRecord | null>
  put(record: StandingRecord): Promise<void>
}

/** Written often, and no change of the records. */
export interface StandingHourRecords {
  /** On top of what is there. */
  add(rows: readonly StandingHour[]): Promise<void>
  /** From this hour on; of all that is given. */
  list(since: number, of: Partial<StandingPlace>): Promise<readonly StandingHour[]>
  /** Of hours before. */
  removeOlder(hour: number): Promise<void>
}

export const noCounts: StandingCounts = { delivered: 0, unknown: 0, refused: 0, complained: 0 }

/** Neither name has a space. */
export function standingKey(tenant: string, pool: string): string {
  return `${tenant} ${pool}`
}

export function sumOf(rows: Iterable<StandingCounts>): StandingCounts {
  let { complained, delivered, refused, unknown } = noCounts
  for (const row of rows) {
    delivered += row.delivered
    unknown += row.unknown
    refused += row.refused
    complained += row.complained
  }
  return { delivered, unknown, refused, complained }
}
