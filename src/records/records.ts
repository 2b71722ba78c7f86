// SPDX-License-Identifier: Apache-2.0
/** What an operator sets up: small, relational, rarely written. Mail never goes in here. */
import type { Brand, DurationMs, Instant } from '../base/brand.ts'
import type { Domain } from '../protocol/mailbox.ts'

/** Lower-case letters, digits and hyphens, at most 32, unique without case. */
export type Slug = Brand<string, 'Slug'>

export type CredentialId = Brand<string, 'CredentialId'>

export interface Tenant {
  readonly id: Slug
  readonly name: string
  readonly createdAt: Instant
}

/** What may be seen of recipients: that a message was shown, that its links were followed. */
export const trackable = ['opens', 'clicks'] as const
export type Tracked = (typeof trackable)[number]

/**
 * What becomes of mail where the sources of its pool are being warmed up and have no room for it now: it waits for some, goes from the
 * overflow pool, or passes beside their allowance where nothing else has room.
 */
export const coldChoices = ['wait', 'overflow', 'pass'] as const
export type WhenCold = (typeof coldChoices)[number]

/** A tenant's kind of mail, with its own priority, retries and pool. */
export interface Stream {
  readonly tenant: Slug
  readonly name: Slug
  /** Bulk has one recipient a transaction; transactional goes first. */
  readonly kind: 'transactional' | 'bulk'
  /** 0–9; 0 is sent first. Default 2 for transactional, 5 for bulk. */
  readonly priority: number
  readonly pool: string
  /** Waits between attempts; the last one repeats until `expiresAfter`. */
  readonly retryAfter: readonly DurationMs[]
  readonly expiresAfter: DurationMs
  /** How long content of its failed mail is kept, for `recover retry`; at most as long as the installation keeps any. */
  readonly keepsFailed: DurationMs
  /** Several recipients of one message may share a transaction. Only for transactional streams. */
  readonly mayShareTransaction: boolean
  /** Whether submitters get DSNs (RFC 3461). By default transactional ones do: nobody reads ten thousand reports of a campaign. */
  readonly sendsReports: boolean
  /** What comes of 8-bit bodies at reception. `keep`: a receiver that does not offer 8BITMIME makes them bounce. */
  readonly eightBit: 'keep' | 'quoted-printable'
  /** What comes of lines over 998 octets (RFC 5322 §2.1.1) at reception, before the signature. */
  readonly longLines: 'fold' | 'refuse'
  /** Mail from these domains and below them goes here where nothing else is said; a domain is in one stream of a tenant. */
  readonly fromDomains: readonly Domain[]
  /** Of which events of its mail their recipients are suppressed. Who unsubscribes always is. */
  readonly suppressesOn: readonly ('bounce' | 'complaint')[]
  /** Which mail somebody is kept from who complains or unsubscribes: all of the tenant's, or that of the stream. A bounce says that nobody is there, for any mail. */
  readonly suppressionScope: 'tenant' | 'stream'
  /** What comes of mail that receivers would doubt (`accept/gate/gate.ts`): nothing, an event, a wait for a person's decision, or a refusal. */
  readonly gate: 'off' | 'warn' | 'hold' | 'reject'
  /** A recipient whose mailbox was full for mail of so many days is suppressed for a while; 0: never. */
  readonly fullMailboxTimes: number
  /** Those days lie within so many, with nothing delivered since. */
  readonly fullMailboxDays: number
  /** A message of one recipient that has no List-Unsubscribe gets one that leads here (RFC 2369 §3.2). */
  readonly addsUnsubscribe: boolean
  /** What is counted of its mail of one recipient where the message says nothing. */
  readonly tracks: readonly Tracked[]
  /** Bounces that come later go to the reverse-path that the submitter gave, too, as they came: who reads bounces from a mailbox wants them. */
  readonly forwardsReports: boolean
  readonly whenCold: WhenCold
  /** Its mail goes to nobody: see `spool/sandbox.ts`. */
  readonly isSandbox: boolean
  /** Used where the submitter names none. One a tenant. */
  readonly isDefault: boolean
  readonly createdAt: Instant
}

/**
 * `pending`: not all that is needed has been seen in the DNS yet. `verified`: it has, and shows that the domain is the tenant's.
 * `failing`: it was verified, and what is needed is there no more. Changed in `domain-state.ts` alone.
 */
export const domainStates = ['pending', 'verified', 'failing'] as const
export type DomainState = (typeof domainStates)[number]

/** What the records of a domain are about. */
export const dnsRecordKinds = [
  'ownership',
  'dkim',
  'dkim-next',
  'dkim-retiring',
  'return-path',
  'spf',
  'dmarc',
  'tracking',
] as const
export type DnsRecordKind = (typeof dnsRecordKinds)[number]

/** Of a new domain, of which nothing was looked up; no key of it has left service. */
export const lackedAtFirst: readonly DnsRecordKind[] = dnsRecordKinds.filter(
  (kind) => kind !== 'dkim-retiring',
)

/** A domain that a tenant sends from. Several tenants may have set up one name; at most one of them has it verified. */
export interface SendingDomain {
  readonly tenant: Slug
  readonly name: Domain
  /** Where return paths live, by default `bounce.<name>`. */
  readonly returnPathDomain: Domain
  /** Where links of its mail lead, by default `click.<name>`. */
  readonly trackingDomain: Domain
  /** Stands in a TXT record of the domain, where nothing else shows whose it is. */
  readonly ownershipToken: string
  readonly state: DomainState
  /** In a sentence, why it is not verified; `null` where it is. */
  readonly stateReason: string | null
  /** What has not been seen in the DNS as it should be, or was, and has been gone for long enough. */
  readonly lacks: readonly DnsRecordKind[]
  /** Since when it is verified, or last was. */
  readonly verifiedAt: Instant | null
  /** Its keys shall give way to the next ones as soon as those are seen in the DNS. */
  readonly rotationAskedAt: Instant | null
  readonly createdAt: Instant
}

/** `next`: waits in the DNS for a rotation. `active`: signs. `retiring`: signs no more, but mail that it signed may still be on its way. */
export type SigningKeyState = 'next' | 'active' | 'retiring'

export interface SigningKey {
  readonly tenant: Slug
  readonly domain: Domain
  /** RFC 6376 §3.1. */
  readonly selector: string
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256'
  /** PKCS #8 DER, sealed by the installation's keyring. */
  readonly sealedPrivateKey: Uint8Array
  /** The `p=` of the DNS record, base64 (SPKI for RSA, RFC 6376 §3.6.1; raw for Ed25519, RFC 8463 §4). */
  readonly publicKey: string
  readonly state: SigningKeyState
  readonly stateSince: Instant
  /** Since when its record has been seen in the DNS. */
  readonly seenAt: Instant | null
  /** Its record in the DNS shows that the domain is the tenant's: nobody else can have the key. A key that was made elsewhere shows nothing. */
  readonly isProof: boolean
  readonly createdAt: Instant
}

export interface Credential {
  readonly id: CredentialId
  readonly tenant: Slug
  readonly label: string
  /** The stream that mail of this credential goes to unless the user name selects another; `null`: the default. */
  readonly stream: Slug | null
  readonly secretSha256: Uint8Array
  /** See `scram-secret.ts`; `null`: the secret is good for PLAIN and LOGIN alone. */
  readonly sealedScram: Uint8Array | null
  /** Mail that comes with it goes to nobody: see `spool/sandbox.ts`. */
  readonly isSandbox: boolean
  /** Nobody gets in with it, until it is enabled again; sessions that had got in hand in nothing more. */
  readonly isDisabled: boolean
  readonly createdAt: Instant
}

export type ApiKeyId = Brand<string, 'ApiKeyId'>

/** What a key may do: each word covers routes of the API, `setup` those of streams and credentials, `admin` all of them. */
export const keyScopes = [
  'send',
  'read',
  'domains',
  'suppressions',
  'webhooks',
  'setup',
  'admin',
] as const
export type KeyScope = (typeof keyScopes)[number]

/** With what programs use the HTTP API. */
export interface ApiKey {
  readonly id: ApiKeyId
  /** `null`: a key of the installation, which reaches every tenant. */
  readonly tenant: Slug | null
  readonly label: string
  readonly scopes: readonly KeyScope[]
  /** Networks in CIDR form that it may be used from; empty: from anywhere. */
  readonly allowedFrom: readonly string[]
  readonly expiresAt: Instant | null
  readonly secretSha256: Uint8Array
  readonly createdAt: Instant
}

/** A person stopped a queue; survives restarts. `queue` is a name or a pattern with `*`. */
export interface Suspension {
  readonly queue: string
  readonly by: string
  readonly reason: string
  readonly createdAt: Instant
}

/** `null` where the text is no slug. */
export function parseSlug(text: string): Slug | null {
  return /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(text) ? (text as Slug) : null
}
