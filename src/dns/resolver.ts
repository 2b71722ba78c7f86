// SPDX-License-Identifier: Apache-2.0
/** Questions to the DNS, and every way that an answer can turn out, as values. */
import type { DurationMs } from '../base/brand.ts'
import type { Domain } from '../protocol/mailbox.ts'

export interface MxRecord {
  readonly preference: number
  /** Lower case, without the final dot; empty for a null MX (RFC 7505). */
  readonly exchange: string
}

export interface AddressRecord {
  readonly address: string
  readonly family: 4 | 6
}

export type Answer<T> =
  /** At least one record. `secure`: the AD bit, from a resolver that may be believed. */
  | {
      readonly kind: 'found'
      readonly records: readonly T[]
      readonly ttl: DurationMs
      readonly secure: boolean
    }
  /** The name exists and has no record of this type (NODATA). */
  | { readonly kind: 'none'; readonly ttl: DurationMs; readonly secure: boolean }
  /** NXDOMAIN: permanent. */
  | { readonly kind: 'no-such-domain'; readonly ttl: DurationMs; readonly secure: boolean }
  /** SERVFAIL, time-out, refused, nonsense: transient. `text` says what. */
  | { readonly kind: 'failed'; readonly text: string }

export interface Resolver extends AsyncDisposable {
  mx(domain: Domain): Promise<Answer<MxRecord>>
  /** A or AAAA of one name. */
  addresses(host: string, family: 4 | 6): Promise<Answer<AddressRecord>>
  /** Character strings of each record joined (RFC 7208 §3.3). */
  txt(name: string): Promise<Answer<string>>
  cname(name: string): Promise<Answer<string>>
  ptr(address: string): Promise<Answer<string>>
}
