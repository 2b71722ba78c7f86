// SPDX-License-Identifier: Apache-2.0
/** When credentials and keys of the API were used last, and from where. Written seldom, and no change of the records. */
import type { Instant } from '../../base/brand.ts'

export interface LastUse {
  /** Of the credential or key. */
  readonly id: string
  /** Rounded down to a minute. */
  readonly at: Instant
  /** Of the client, without port. */
  readonly address: string
}

export interface LastUseRecords {
  list(): Promise<readonly LastUse[]>
  /** The latest of each stays. */
  put(uses: readonly LastUse[]): Promise<void>
  remove(id: string): Promise<void>
}
