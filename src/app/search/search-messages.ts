// SPDX-License-Identifier: Apache-2.0
/** What the thread of the search view is told, and tells. */
import type { DurationMs } from '../../base/brand.ts'
import type { ErrorCode } from '../../base/errors.ts'
import type { LogLevel } from '../../base/log.ts'
import type { EventFilter, FoundEvents, SearchPage } from '../../control/search/event-search.ts'

export interface SearchStart {
  readonly dataDir: string
  /** Events that are older are forgotten. */
  readonly keep: DurationMs
  readonly logLevel: LogLevel
}

export type ToSearch =
  /** So far the journals are synced, as the text of a cursor. */
  | { readonly kind: 'positions'; readonly positions: string }
  | {
      readonly kind: 'find'
      readonly id: number
      readonly filter: EventFilter
      readonly page: SearchPage
    }
  | { readonly kind: 'close' }

export type FromSearch =
  | { readonly kind: 'found'; readonly id: number; readonly found: FoundEvents }
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly code: ErrorCode
      readonly text: string
    }
  | { readonly kind: 'behind'; readonly behind: number }
