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
  size(): Promise<number>
  /**
   * Forgets at most `limit` of those who engaged before `day` (`null`: ever), who did longest ago first. Returns how many: a step, so
   * that nobody else waits long for the store.
   */
  forget(day: number | null, limit: number): Promise<number>
}
