// SPDX-License-Identifier: Apache-2.0
/** Warm-ups: how far each source has come at each provider. What decides about them is `queue/warm-up`; the records keep it as text. */
import type { Instant } from '../base/brand.ts'

export const warmUpStates = ['advancing', 'holding', 'paused', 'warm'] as const
export type WarmUpStateName = (typeof warmUpStates)[number]

/** What delivery goes by. */
export interface WarmUpAllowance {
  readonly source: string
  /** As in the rules of shaping. */
  readonly provider: string
  readonly state: WarmUpStateName
  /** Messages a day; 0: nothing goes; `null`: as many as there are. */
  readonly allowance: number | null
  readonly startedAt: Instant
}

export interface WarmUpRecord extends WarmUpAllowance {
  readonly schedule: string
  /** JSON, of whoever decides: where it stands, what was decided last, what was counted. */
  readonly position: string
  readonly decisions: string
  readonly signals: string
  readonly changedAt: Instant
}

/** The part of the store that keeps them. */
export interface WarmUpRecords {
  /** In the order of sources and providers. */
  list(): Promise<readonly WarmUpRecord[]>
  /** The same without what is counted: read whenever a record changes. */
  allowances(): Promise<readonly WarmUpAllowance[]>
  put(record: WarmUpRecord): Promise<void>
  remove(source: string, provider: string): Promise<boolean>
}

/** Neither name has a space. */
export function warmUpKey(source: string, provider: string): string {
  return `${source} ${provider}`
}
