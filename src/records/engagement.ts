// SPDX-License-Identifier: Apache-2.0
/** When recipients last showed that mail is welcome, by tenant and hash: which of them a new source sends to first. */

export interface Engaged {
  readonly tenant: string
  /** See `AddressHasher`. */
  readonly addressHash: Uint8Array
  /** Days since 1970, UTC. */
  readonly day: number
}

/** The part of the store that keeps them. Written often: it counts as no change of the records. */
export interface EngagementRecords {
  /** Of one recipient the last day stays. */
  note(engaged: readonly Engaged[]): Promise<void>
  /** In the order of the hashes, at most `engagementLimits.askedTogether`; `null`: nothing is known. */
  lastDays(tenant: string, hashes: readonly Uint8Array[]): Promise<readonly (number | null)[]>
  /** Forgets who engaged before `day`, and of those who did longest ago as many as are more than `most`. */
  forget(day: number, most: number): Promise<void>
}
