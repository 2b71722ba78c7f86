// SPDX-License-Identifier: Apache-2.0
/** Somebody else who knows people: an OpenID provider, as a port. */

/** What the browser keeps until it comes back; secret. */
export interface OidcChecks {
  readonly state: string
  readonly nonce: string
  /** PKCE (RFC 7636). */
  readonly codeVerifier: string
}

/** Who somebody is, as the provider says after all checks. */
export interface ProvenIdentity {
  readonly issuer: string
  readonly subject: string
  /** `null`: none, or one that the provider has not verified. */
  readonly email: string | null
  readonly name: string | null
  readonly groups: readonly string[]
}

export interface IdentityProvider {
  /** Where the browser is sent. Throws `RLY_BUSY` where the provider is away. */
  begin(): Promise<{ readonly location: string; readonly checks: OidcChecks }>
  /** `query`: with which the browser came back. Throws `RLY_UNAUTHENTICATED`, `RLY_BUSY`. */
  finish(query: string, checks: OidcChecks): Promise<ProvenIdentity>
}

/** What the configuration gives to whom the provider knows. */
export interface OidcGrant {
  readonly subject: string | null
  readonly email: string | null
  readonly emailDomain: string | null
  readonly group: string | null
  readonly role: 'owner' | 'operator' | 'sender' | 'reader'
  /** `null`: the installation. */
  readonly tenant: string | null
}

/** The first that fits; all that a grant names must. */
export function grantFor(grants: readonly OidcGrant[], who: ProvenIdentity): OidcGrant | null {
  return (
    grants.find(
      ({ subject, email, emailDomain, group }) =>
        (subject === null || subject === who.subject) &&
        (email === null || email.toLowerCase() === who.email) &&
        (emailDomain === null || who.email?.endsWith(`@${emailDomain.toLowerCase()}`) === true) &&
        (group === null || who.groups.includes(group)),
    ) ?? null
  )
}
