// SPDX-License-Identifier: Apache-2.0
/** `/brakes`: what holds mail back that would end like too much other mail, and what people decide about it. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { confirmBrake, listBrakes, releaseBrake } from '../../records/brake-service.ts'
import { nameOf } from '../http/caller.ts'
import { durationMs, timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'

const brakeStates = ['holding', 'confirmed', 'released'] as const

const brake = z.object({
  name: z.string().meta({
    description: 'A class of refusals, at one site with the site: `no-such-mailbox@example.net`.',
  }),
  state: z.enum(brakeStates),
  since: timestamp,
  count: z.int().meta({ description: 'Ends of the class among the last `ends`.' }),
  ends: z.int(),
  spread: z.int().meta({ description: 'Domains, or at one site recipients, that ended so.' }),
  usualShare: z.number().nullable().meta({ description: 'Its part before, 0 to 1.' }),
  decidedAt: timestamp.nullable(),
  decidedBy: z.string().nullable(),
  until: timestamp.nullable().meta({ description: 'Confirmed: let through until then.' }),
})

export type BrakeAnswer = z.infer<typeof brake>

const byName = { name: z.string().max(400) }

export const list = route({
  id: 'brakes.list',
  method: 'GET',
  path: '/brakes',
  summary: 'Lists brakes that hold, and those that people have decided about of late.',
  needs: 'read',
  isForInstallation: true,
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(brakeStates),
    sort: sortBy(['name', 'since']),
  }),
  answer: pageOf(brake),
  run: async ({ query }, { records }) =>
    paged(
      inState((await listBrakes(records.store)).map(viewOf), query.state, ({ state }) => state),
      ({ name }) => name,
      query,
    ),
})

export const release = route({
  id: 'brakes.release',
  method: 'POST',
  path: '/brakes/release',
  summary: 'It was not true: what is held is tried again, and what waited suppresses nobody.',
  needs: 'admin',
  isForInstallation: true,
  body: z.strictObject(byName),
  answer: brake,
  run: async ({ body, caller }, { records }) =>
    viewOf(await releaseBrake(records, body.name, nameOf(caller))),
})

export const confirm = route({
  id: 'brakes.confirm',
  method: 'POST',
  path: '/brakes/confirm',
  summary: 'It is true: what is held ends so at its next attempt, and more of it for a time.',
  needs: 'admin',
  isForInstallation: true,
  body: z.strictObject({
    ...byName,
    lastsMs: durationMs.nullable().default(null).meta({ description: 'From the start a day.' }),
  }),
  answer: brake,
  run: async ({ body, caller }, { records }) =>
    viewOf(await confirmBrake(records, body.name, nameOf(caller), body.lastsMs)),
})

function viewOf({ decidedAt, since, until, ...rest }: BrakeRecord) {
  return {
    ...rest,
    since: timestampOf(since),
    decidedAt: decidedAt === null ? null : timestampOf(decidedAt),
    until: until === null ? null : timestampOf(until),
  }
}
