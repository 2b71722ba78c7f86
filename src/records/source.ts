// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a source sends now, and if not, why. What there is beside that (addresses, names, pools) is configuration.
 *
 *              rest                     drain               its last connection is closed
 *     active ────────▶ resting ──┐  ┌──────────▶ draining ──────────────────────────────▶ drained
 *       ▲ └──────────────────────┼──┘                │                                       │
 *       └── resume, or its time ─┴───── resume ──────┴───────────────── resume ──────────────┘
 */
import type { Instant } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'

export type SourceState =
  | { readonly kind: 'active' }
  /** `until`: it goes on by itself; `null`: when a person says so. */
  | {
      readonly kind: 'resting'
      readonly until: Instant | null
      readonly reason: string
      readonly by: string
    }
  /** What is under way ends, and nothing new begins. */
  | { readonly kind: 'draining'; readonly reason: string; readonly by: string }
  /** No connection of it is open. */
  | { readonly kind: 'drained'; readonly reason: string; readonly by: string }

export const sourceStates = ['active', 'resting', 'draining', 'drained'] as const
export type SourceStateName = (typeof sourceStates)[number]

export const allowedSourceStates = {
  active: ['resting', 'draining'],
  resting: ['resting', 'active', 'draining'],
  draining: ['active', 'drained'],
  drained: ['active'],
} as const satisfies Record<SourceStateName, readonly SourceStateName[]>

export interface SourceRecord {
  readonly name: string
  /** That receivers saw it with last; `null`: the system chooses, or it is not known. */
  readonly address: string | null
  readonly state: SourceState
  readonly changedAt: Instant
}

/** The part of the store that keeps them. */
export interface SourceRecords {
  /** By name. Those that are active and never were anything else may be missing. */
  list(): Promise<readonly SourceRecord[]>
  put(record: SourceRecord): Promise<void>
}

/** The only place where the state changes. Throws `RLY_RECORD_INVALID` where it cannot. */
export function sourceIn(record: SourceRecord, state: SourceState, now: Instant): SourceRecord {
  const from = record.state.kind
  if ((allowedSourceStates[from] as readonly string[]).includes(state.kind))
    return { ...record, state, changedAt: now }
  const advice = from === 'active' ? '' : ': resume it first'
  throw new RelayError('RLY_RECORD_INVALID', `${record.name} is ${from}${advice}`)
}

/** One that is not in the records. */
export function newSource(name: string, now: Instant): SourceRecord {
  return { name, address: null, state: { kind: 'active' }, changedAt: now }
}

/** Who stopped it, and why, for whoever waits for it. */
export interface Stop {
  readonly by: string
  readonly why: string
}

/** `null`: it sends. */
export function stopOf(state: SourceState): Stop | null {
  if (state.kind === 'active') return null
  return { by: state.by, why: `the source is ${state.kind}: ${state.reason}` }
}
