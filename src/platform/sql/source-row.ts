// SPDX-License-Identifier: Apache-2.0
/** A source as a row: what its state says in columns of their own. */
import type { Instant } from '../../base/brand.ts'
import type { SourceRecord, SourceStateName } from '../../records/source.ts'

export interface SourceRow extends Omit<SourceRecord, 'state'> {
  readonly state: SourceStateName
  readonly reason: string | null
  readonly stoppedBy: string | null
  readonly restsUntil: Instant | null
}
