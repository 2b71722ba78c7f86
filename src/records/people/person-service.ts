// SPDX-License-Identifier: Apache-2.0
/**
 * What owners do about people. Sessions end with whatever they rested on: a role, a password, the person. Nobody changes the own
 * role or disables or removes themselves, so that an owner is left; the command line on the relay's host can always add one.
 */
import { encodeCrockford } from '../../base/crockford.ts'
import { RelayError } from '../../base/errors.ts'
import { foldMailbox, parseMailbox } from '../../protocol/mailbox.ts'
import { alreadyThere, unknownRecord } from '../naming.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { reaches, type TenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import { newPasswordLink, type PasswordLink } from './password-link.ts'
import type { Person, PersonId } from './person.ts'
import type { Role } from './role.ts'

export interface NewPerson {
  readonly email: string
  /** By default the address. */
  readonly name: string | null
  readonly role: Role
  /** Reaches every tenant: only the installation makes one. */
  readonly ofInstallation: boolean
}

/** `null` stays as it is. */
export interface PersonChange {
  readonly name: string | null
  readonly role: Role | null
  readonly isDisabled: boolean | null
}

export interface Invited {
  readonly person: Person
  readonly link: PasswordLink
}

export async function addPerson(
  context: RecordsContext,
  scope: TenantScope,
  input: NewPerson,
): Promise<Invited> {
  const email = emailFor(input.email)
  if (input.ofInstallation && scope.kind !== 'installation')
    throw new RelayError('RLY_RECORD_INVALID', 'a tenant cannot add a person of the installation')
  const now = context.clock.now()
  const id = newPersonId(context)
  const link = newPasswordLink(id, context.random, now)
  return context.store.transaction(async (store) => {
    const tenant = input.ofInstallation ? null : (await tenantOf(store, scope)).id
    const person: Person = {
      ...nobody,
      id,
      tenant,
      email,
      name: input.name ?? email,
      role: input.role,
      linkSha256: link.sha256,
      linkExpiresAt: link.expiresAt,
      createdAt: now,
    }
    await checkIsFree(store, person)
    await store.people.put(person)
    return { person, link }
  })
}

/** Of the installation first, then by tenant. */
export async function listPeople(store: Store, scope: TenantScope): Promise<readonly Person[]> {
  return (await store.people.list()).filter(({ tenant }) => reaches(scope, tenant))
}

/** `name`: an id, or an address that one person alone has here. */
export async function showPerson(store: Store, scope: TenantScope, name: string): Promise<Person> {
  const people = await listPeople(store, scope)
  const byId = people.find(({ id }) => id === name.toUpperCase())
  if (byId) return byId
  const email = foldedEmail(name)
  const found = people.filter((person) => person.email === email)
  if (found.length > 1)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `${name} is of several tenants: name one of ${found.map(({ id }) => id).join(', ')}`,
    )
  if (found[0]) return found[0]
  throw unknownRecord(
    'person',
    name,
    people.flatMap((person) => [person.id, person.email]),
  )
}

/** `by`: the person who asks; `null` for a key or the command line. */
export async function changePerson(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
  change: PersonChange,
  by: PersonId | null,
): Promise<Person> {
  return context.store.transaction(async (store) => {
    const person = await showPerson(store, scope, name)
    const next: Person = {
      ...person,
      name: change.name ?? person.name,
      role: change.role ?? person.role,
      isDisabled: change.isDisabled ?? person.isDisabled,
      // A person whom somebody gave a role keeps it, whatever the provider's groups say.
      isProvisioned: person.isProvisioned && change.role === null,
    }
    const isOther = next.role !== person.role || next.isDisabled !== person.isDisabled
    if (isOther) refuseOneself(person, by, 'change their own role, or disable themselves')
    await store.people.put(next)
    if (isOther) await store.sessions.removeOf(person.id, null)
    return next
  })
}

/** The password is good no more, sessions end, and a link sets a new one. `withTotp`: the second factor goes as well. */
export async function resetPerson(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
  withTotp: boolean,
): Promise<Invited> {
  const now = context.clock.now()
  return context.store.transaction(async (store) => {
    const before = await showPerson(store, scope, name)
    const link = newPasswordLink(before.id, context.random, now)
    const person: Person = {
      ...before,
      ...(withTotp ? withoutTotp : {}),
      passwordHash: null,
      linkSha256: link.sha256,
      linkExpiresAt: link.expiresAt,
    }
    await store.people.put(person)
    await store.sessions.removeOf(person.id, null)
    return { person, link }
  })
}

export async function removePerson(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
  by: PersonId | null,
): Promise<Person> {
  return context.store.transaction(async (store) => {
    const person = await showPerson(store, scope, name)
    refuseOneself(person, by, 'remove themselves')
    await store.people.remove(person.id)
    return person
  })
}

/** No second factor, and none under way. */
export const withoutTotp = {
  sealedTotp: null,
  sealedNewTotp: null,
  recoveryCodes: [],
} as const satisfies Partial<Person>

/** What a person begins with. */
export const nobody = {
  ...withoutTotp,
  isDisabled: false,
  passwordHash: null,
  linkSha256: null,
  linkExpiresAt: null,
  totpStep: 0,
  oidcIssuer: null,
  oidcSubject: null,
  isProvisioned: false,
  loggedInAt: null,
} as const satisfies Partial<Person>

const ID_LETTERS = 10
const ID_OCTETS = 7

export function newPersonId({ random }: Pick<RecordsContext, 'random'>): PersonId {
  return encodeCrockford(random.bytes(ID_OCTETS)).slice(0, ID_LETTERS) as string as PersonId
}

/** `null` where the text is no mailbox. */
export function foldedEmail(text: string): string | null {
  const mailbox = parseMailbox(text.trim())
  return mailbox === null ? null : foldMailbox(mailbox)
}

/** Throws `RLY_RECORD_EXISTS`. Within one tenant alone, so that no tenant learns who is somebody else's. */
export async function checkIsFree(store: Store, { email, tenant }: Person): Promise<void> {
  const others = await store.people.byEmail(email)
  if (others.some((other) => other.tenant === tenant)) throw alreadyThere(`person ${email}`)
}

function emailFor(text: string): string {
  const email = foldedEmail(text)
  if (email !== null) return email
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `"${text}" is no address of a person: expected one such as "ann@example.com"`,
  )
}

function refuseOneself(person: Person, by: PersonId | null, what: string): void {
  if (person.id !== by) return
  throw new RelayError('RLY_RECORD_IN_USE', `nobody may ${what}; another owner can`)
}
