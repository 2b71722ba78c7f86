// SPDX-License-Identifier: Apache-2.0
/** `/people`: who logs in, and what they may do. For owners. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import type { Person } from '../../records/people/person.ts'
import {
  addPerson,
  changePerson,
  type Invited,
  listPeople,
  removePerson,
  resetPerson,
  showPerson,
} from '../../records/people/person-service.ts'
import { roles } from '../../records/people/role.ts'
import type { ApiContext } from '../http/api-context.ts'
import type { Caller } from '../http/caller.ts'
import { timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'

const person = z.object({
  id: z.string(),
  tenant: z
    .string()
    .nullable()
    .meta({ description: 'null: of the installation; reaches every tenant.' }),
  email: z.string(),
  name: z.string(),
  role: z.enum(roles),
  isDisabled: z.boolean(),
  hasPassword: z.boolean(),
  hasSecondFactor: z.boolean(),
  oidcIssuer: z
    .string()
    .nullable()
    .meta({ description: 'Of the OpenID provider that they log in with.' }),
  createdAt: timestamp,
  loggedInAt: timestamp.nullable(),
})

export type PersonAnswer = z.infer<typeof person>

/** Secret: whoever has it sets the password. */
const invitation = person.extend({
  token: z
    .string()
    .meta({ description: 'Sets the password once, with POST /session/set-password.' }),
  link: z
    .string()
    .nullable()
    .meta({ description: 'The same for a browser; null: login.url is not configured.' }),
  linkExpiresAt: timestamp,
})

export type InvitationAnswer = z.infer<typeof invitation>

const byId = z.strictObject({ id: z.string().meta({ description: 'Or the address.' }) })
const role = person.shape.role.meta({
  description:
    'owner: everything. operator: all but people, keys, tenants and the audit log. sender: sends, suppresses, reads. reader: reads.',
})

export const list = route({
  id: 'people.list',
  method: 'GET',
  path: '/people',
  summary: 'Lists people.',
  needs: 'admin',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(['enabled', 'disabled']),
    sort: sortBy(['id', 'email', 'name', 'createdAt', 'loggedInAt']),
  }),
  answer: pageOf(person),
  run: async ({ scope, query }, { records }) =>
    paged(
      inState(await listPeople(records.store, scope), query.state, ({ isDisabled }) =>
        isDisabled ? 'disabled' : 'enabled',
      ).map(viewOf),
      ({ id }) => id,
      query,
    ),
})

export const show = route({
  id: 'people.show',
  method: 'GET',
  path: '/people/{id}',
  summary: 'Shows a person.',
  needs: 'admin',
  params: byId,
  answer: person,
  run: async ({ scope, params }, { records }) =>
    viewOf(await showPerson(records.store, scope, params.id)),
})

export const add = route({
  id: 'people.add',
  method: 'POST',
  path: '/people',
  summary:
    'Adds a person. The link in this answer, and nowhere else, lets them set their password once, within 72 hours; no mail is sent.',
  needs: 'admin',
  body: z.strictObject({
    email: z.string().max(320),
    name: z.string().max(200).nullable().default(null),
    role,
    ofInstallation: z.boolean().default(false).meta({
      description: 'Reaches every tenant; only the installation may add one.',
    }),
  }),
  answer: invitation,
  status: 201,
  run: async ({ scope, body }, context) =>
    invitationOf(await addPerson(context.records, scope, body), context),
})

export const change = route({
  id: 'people.change',
  method: 'PATCH',
  path: '/people/{id}',
  summary: 'Changes a person. Another role, or being disabled, ends their sessions.',
  needs: 'admin',
  params: byId,
  body: z.strictObject({
    name: z.string().max(200).nullable().default(null),
    role: role.nullable().default(null),
    isDisabled: z.boolean().nullable().default(null),
  }),
  answer: person,
  run: async ({ caller, scope, params, body }, { records }) =>
    viewOf(await changePerson(records, scope, params.id, body, ownIdOf(caller))),
})

export const reset = route({
  id: 'people.reset',
  method: 'POST',
  path: '/people/{id}/reset',
  summary:
    "Takes a person's password away and ends their sessions; the link in this answer sets a new one.",
  needs: 'admin',
  params: byId,
  body: z.strictObject({
    secondFactor: z.boolean().default(false).meta({
      description: 'The second factor goes as well: the device is lost, and so are the codes.',
    }),
  }),
  answer: invitation,
  run: async ({ scope, params, body }, context) =>
    invitationOf(await resetPerson(context.records, scope, params.id, body.secondFactor), context),
})

export const remove = route({
  id: 'people.remove',
  method: 'DELETE',
  path: '/people/{id}',
  summary: 'Removes a person; their sessions end.',
  needs: 'admin',
  params: byId,
  answer: person,
  run: async ({ caller, scope, params }, { records }) =>
    viewOf(await removePerson(records, scope, params.id, ownIdOf(caller))),
})

function ownIdOf(caller: Caller) {
  return caller.kind === 'person' ? caller.own.person.id : null
}

function invitationOf({ person: invited, link }: Invited, { people }: ApiContext) {
  const { url } = people.settings()
  return {
    ...viewOf(invited),
    token: link.token,
    // After "#": browsers send it to nobody, and so no log has it.
    link: url === null ? null : `${url}/set-password#${link.token}`,
    linkExpiresAt: timestampOf(link.expiresAt),
  }
}

function viewOf(found: Person) {
  return {
    id: found.id as string,
    tenant: found.tenant as string | null,
    email: found.email,
    name: found.name,
    role: found.role,
    isDisabled: found.isDisabled,
    hasPassword: found.passwordHash !== null,
    hasSecondFactor: found.sealedTotp !== null,
    oidcIssuer: found.oidcIssuer,
    createdAt: timestampOf(found.createdAt),
    loggedInAt: found.loggedInAt === null ? null : timestampOf(found.loggedInAt),
  }
}
