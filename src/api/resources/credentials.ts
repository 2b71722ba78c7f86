// SPDX-License-Identifier: Apache-2.0
/** `/credentials`: with what applications submit mail over SMTP. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import {
  addCredential,
  changeCredential,
  listCredentials,
  removeCredential,
  showCredential,
} from '../../records/credentials/credential-service.ts'
import type { Credential } from '../../records/records.ts'
import type { Store } from '../../records/store.ts'
import { timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import { type LastUseView, lastUseFields, lastUseViews, neverUsed } from './last-use-fields.ts'

const credential = z.object({
  id: z.string(),
  tenant: z.string(),
  label: z.string(),
  stream: z.string().nullable().meta({ description: "null: the tenant's default stream." }),
  scram: z.boolean().meta({ description: 'Good for SCRAM-SHA-256 too.' }),
  isSandbox: z.boolean().meta({
    description: 'Mail that comes with it goes to nobody but the simulated receiver.',
  }),
  isDisabled: z.boolean().meta({
    description: 'Nobody gets in with it; sessions that had got in hand in nothing more.',
  }),
  createdAt: timestamp,
  ...lastUseFields,
})

export type CredentialAnswer = z.infer<typeof credential>

const byId = z.strictObject({ id: z.string() })

export const list = route({
  id: 'credentials.list',
  method: 'GET',
  path: '/credentials',
  summary: 'Lists SMTP credentials.',
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(['enabled', 'disabled']),
    sort: sortBy(['id', 'label', 'createdAt']),
  }),
  answer: pageOf(credential),
  run: async ({ scope, query }, { records }) =>
    paged(
      inState(
        await viewsOf(records.store, await listCredentials(records.store, scope)),
        query.state,
        ({ isDisabled }) => (isDisabled ? 'disabled' : 'enabled'),
      ),
      ({ id }) => id,
      query,
    ),
})

export const show = route({
  id: 'credentials.show',
  method: 'GET',
  path: '/credentials/{id}',
  summary: 'Shows an SMTP credential, without its secret.',
  needs: 'read',
  params: byId,
  answer: credential,
  run: async ({ scope, params }, { records }) =>
    usedViewOf(records.store, await showCredential(records.store, scope, params.id)),
})

export const add = route({
  id: 'credentials.add',
  method: 'POST',
  path: '/credentials',
  summary: 'Makes an SMTP credential. The secret is in this answer and nowhere else.',
  needs: 'setup',
  body: z.strictObject({
    label: z.string().max(200),
    stream: z.string().nullable().default(null),
    scram: z.boolean().default(false).meta({
      description: 'Also for SCRAM-SHA-256, with the id as user name; more is kept of the secret.',
    }),
    isSandbox: credential.shape.isSandbox.default(false),
  }),
  answer: credential.extend({ secret: z.string() }),
  status: 201,
  run: async ({ scope, body }, { records }) => {
    const made = await addCredential(records, scope, { ...body, withScram: body.scram })
    return { ...viewOf(made.credential), secret: made.secret }
  },
})

export const change = route({
  id: 'credentials.change',
  method: 'PATCH',
  path: '/credentials/{id}',
  summary: 'Changes an SMTP credential; its secret stays. What is not given stays.',
  needs: 'setup',
  params: byId,
  body: z.strictObject({
    label: z.string().max(200).optional(),
    stream: z.string().nullable().optional(),
    isSandbox: z.boolean().optional(),
    isDisabled: z.boolean().optional(),
  }),
  answer: credential,
  run: async ({ scope, params, body }, { records }) =>
    usedViewOf(records.store, await changeCredential(records, scope, params.id, body)),
})

export const remove = route({
  id: 'credentials.remove',
  method: 'DELETE',
  path: '/credentials/{id}',
  summary: 'Removes an SMTP credential; it is good no more.',
  needs: 'setup',
  params: byId,
  answer: credential,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeCredential(records, scope, params.id)),
})

async function viewsOf(store: Store, all: readonly Credential[]) {
  const lastUseOf = await lastUseViews(store)
  return all.map((each) => viewOf(each, lastUseOf(each.id)))
}

async function usedViewOf(store: Store, found: Credential) {
  return viewOf(found, (await lastUseViews(store))(found.id))
}

function viewOf(found: Credential, lastUse: LastUseView = neverUsed) {
  const { id, tenant, label, stream, sealedScram, isSandbox, isDisabled, createdAt } = found
  return {
    id: id as string,
    tenant: tenant as string,
    label,
    stream: stream as string | null,
    scram: sealedScram !== null,
    isSandbox,
    isDisabled,
    createdAt: timestampOf(createdAt),
    ...lastUse,
  }
}
