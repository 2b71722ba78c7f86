// SPDX-License-Identifier: Apache-2.0
/**
 * Logins over an OpenID provider. Who comes back is, in this order:
 *
 *   the person who is linked to that `iss` and `sub` ▸ a person with the address that the provider has verified, who is linked
 *   from then on ▸ a new person, where a grant of the configuration fits
 *
 * Role and tenant of a person whom a login made follow the grants at each login; those whom somebody added keep theirs.
 *
 * Known limit: an address that several tenants have added is the installation's person, else the oldest.
 */
import { RelayError } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { sessionLimits } from '../../base/limits/login-limits.ts'
import type { Person } from '../../records/people/person.ts'
import {
  checkIsFree,
  foldedEmail,
  newPersonId,
  nobody,
} from '../../records/people/person-service.ts'
import { parseSlug } from '../../records/records.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'
import {
  grantFor,
  type IdentityProvider,
  type OidcChecks,
  type OidcGrant,
  type ProvenIdentity,
} from './identity-provider.ts'
import type { NewSession } from './person-logins.ts'
import type { LoginClient, PersonSessions } from './person-sessions.ts'

export interface OidcParts {
  readonly records: RecordsContext
  readonly sessions: PersonSessions
  readonly provider: IdentityProvider
  readonly grants: () => readonly OidcGrant[]
}

const CONTEXT = 'login over OIDC'

export class OidcLogins {
  readonly #parts: OidcParts

  constructor(parts: OidcParts) {
    this.#parts = parts
  }

  /** `kept`: for a cookie of the browser, which brings it back. */
  async begin(): Promise<{ readonly location: string; readonly kept: string }> {
    const { provider, records } = this.#parts
    const { location, checks } = await provider.begin()
    return { location, kept: sealed(records.keyring, { ...checks, at: records.clock.now() }) }
  }

  /** Throws `RLY_UNAUTHENTICATED`, `RLY_FORBIDDEN`, `RLY_BUSY`. */
  async finish(query: string, kept: string | null, client: LoginClient): Promise<NewSession> {
    const { provider, records, sessions } = this.#parts
    const checks = kept === null ? null : opened(records.keyring, kept)
    if (checks === null || records.clock.now() - checks.at > sessionLimits.oidcMs)
      throw new RelayError(
        'RLY_UNAUTHENTICATED',
        'this login was not begun in this browser, or too long ago: begin again at /api/v1/session/oidc',
      )
    const who = await provider.finish(query, checks)
    return records.store.transaction(async (store) => {
      const person = { ...(await this.#personOf(store, who)), loggedInAt: records.clock.now() }
      await store.people.put(person)
      return { person, ...(await sessions.begin(store, person, 'oidc', client)) }
    })
  }

  async #personOf(store: Store, who: ProvenIdentity): Promise<Person> {
    const linked = await store.people.byIdentity(who.issuer, who.subject)
    const known = linked ?? (await unlinkedOf(store, who))
    if (known?.isDisabled) throw nobodyHere()
    const grant = grantFor(this.#parts.grants(), who)
    if (known !== null && !known.isProvisioned)
      return { ...known, oidcIssuer: who.issuer, oidcSubject: who.subject }
    if (grant === null) throw nobodyHere()
    const tenant = await tenantIn(store, grant)
    if (known === null) return this.#newPerson(store, who, grant, tenant)
    const isOther = known.role !== grant.role || known.tenant !== tenant
    const next: Person = { ...known, role: grant.role, tenant }
    if (known.tenant !== tenant) await checkIsFree(store, next)
    if (isOther) await store.sessions.removeOf(known.id, null)
    return next
  }

  async #newPerson(
    store: Store,
    { issuer, name, subject, email }: ProvenIdentity,
    { role }: OidcGrant,
    tenant: Person['tenant'],
  ): Promise<Person> {
    if (email === null) throw nobodyHere()
    const { clock } = this.#parts.records
    const person: Person = {
      ...nobody,
      ...{ id: newPersonId(this.#parts.records), tenant, email, role },
      name: (name ?? email).slice(0, 200),
      oidcIssuer: issuer,
      oidcSubject: subject,
      isProvisioned: true,
      createdAt: clock.now(),
    }
    await checkIsFree(store, person)
    return person
  }
}

/** Somebody has added them by an address that the provider has verified, and they have not come by a provider before. */
async function unlinkedOf(store: Store, { email }: ProvenIdentity): Promise<Person | null> {
  const folded = email === null ? null : foldedEmail(email)
  if (folded === null) return null
  const all = (await store.people.byEmail(folded)).filter(({ oidcSubject }) => oidcSubject === null)
  return all.find(({ tenant }) => tenant === null) ?? all[0] ?? null
}

async function tenantIn(store: Store, { tenant }: OidcGrant): Promise<Person['tenant']> {
  if (tenant === null) return null
  const slug = parseSlug(tenant)
  const all = await store.tenants.list()
  if (slug !== null && all.some(({ id }) => id === slug)) return slug
  throw new RelayError(
    'RLY_FORBIDDEN',
    'the configuration puts you into a tenant that is not there; its operator must add it first',
  )
}

/** The same for whoever is not let in. */
function nobodyHere(): RelayError {
  return new RelayError(
    'RLY_FORBIDDEN',
    'the OpenID provider knows you, and this relay does not: an owner can add you by your address',
  )
}

type Kept = OidcChecks & { readonly at: number }

function sealed(keyring: Keyring, kept: Kept): string {
  return keyring.seal(Buffer.from(JSON.stringify(kept)), CONTEXT).toString('base64url')
}

/** `null`: none of ours. */
function opened(keyring: Keyring, text: string): Kept | null {
  try {
    return JSON.parse(keyring.open(Buffer.from(text, 'base64url'), CONTEXT).toString()) as Kept
  } catch {
    // Made up, or of another installation.
    return null
  }
}
