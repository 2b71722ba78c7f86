// SPDX-License-Identifier: Apache-2.0
/** `/warm-ups`: how far sources have come at providers. */

import { z } from 'zod'
import { warmUpStates } from '../../records/warm-up.ts'
import type { ApiContext } from '../http/api-context.ts'
import { nameOf } from '../http/caller.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import { details, detailsOf, viewOf, warmUp } from './warm-up-fields.ts'

const MOST_A_DAY = 1_000_000_000

const place = z.strictObject({ source: z.string(), provider: z.string() })

export const list = route({
  id: 'warmUps.list',
  method: 'GET',
  path: '/warm-ups',
  summary: 'Lists warm-ups.',
  needs: 'setup',
  isForInstallation: true,
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(warmUpStates),
    sort: sortBy(['source', 'provider', 'startedAt', 'changedAt']),
  }),
  answer: pageOf(warmUp),
  run: async ({ query }, { warmUps }) =>
    paged(
      inState(
        (await warmUps.list()).map((record) => viewOf(record, warmUps.context.rules())),
        query.state,
        ({ state }) => state,
      ),
      ({ source, provider }) => `${source}/${provider}`,
      query,
    ),
})

export const show = route({
  id: 'warmUps.show',
  method: 'GET',
  path: '/warm-ups/{source}/{provider}',
  summary: 'Shows a warm-up with its days and its last decisions.',
  needs: 'setup',
  isForInstallation: true,
  params: place,
  answer: details,
  run: async ({ params: { provider, source } }, { warmUps }) =>
    detailsOf(await warmUps.show(source, provider), warmUps.context.rules()),
})

export const start = route({
  id: 'warmUps.start',
  method: 'POST',
  path: '/warm-ups',
  summary: 'Starts to warm up a source at a provider: from now on it has an allowance.',
  needs: 'setup',
  isForInstallation: true,
  body: z.strictObject({
    source: z.string(),
    provider: z.string(),
    schedule: z.string().optional(),
    volume: z
      .int()
      .min(0)
      .max(MOST_A_DAY)
      .default(0)
      .meta({ description: 'What it sends a day already: it starts at the stage below.' }),
  }),
  answer: warmUp,
  status: 201,
  run: async ({ body: { provider, schedule, source, volume } }, context) => {
    return changed(context, await context.warmUps.start(source, provider, schedule, volume))
  },
})

export const pause = route({
  id: 'warmUps.pause',
  method: 'POST',
  path: '/warm-ups/{source}/{provider}/pause',
  summary: 'Stops mail from a source to a provider, until it is resumed.',
  needs: 'setup',
  isForInstallation: true,
  params: place,
  body: z.strictObject({ reason: z.string().max(500).default('') }),
  answer: warmUp,
  run: async ({ body, caller, params: { provider, source } }, context) => {
    const reason = body.reason === '' ? 'no reason given' : body.reason
    return changed(context, await context.warmUps.pause(source, provider, nameOf(caller), reason))
  },
})

export const resume = route({
  id: 'warmUps.resume',
  method: 'POST',
  path: '/warm-ups/{source}/{provider}/resume',
  summary: 'Lets a paused warm-up go on now.',
  needs: 'setup',
  isForInstallation: true,
  params: place,
  answer: warmUp,
  run: async ({ caller, params: { provider, source } }, context) => {
    return changed(context, await context.warmUps.resume(source, provider, nameOf(caller)))
  },
})

export const set = route({
  id: 'warmUps.set',
  method: 'PATCH',
  path: '/warm-ups/{source}/{provider}',
  summary: 'Sets a warm-up to a volume, or says that it is warm.',
  needs: 'setup',
  isForInstallation: true,
  params: place,
  body: z.strictObject({
    to: z
      .union([z.literal('warm'), z.int().min(1).max(MOST_A_DAY)])
      .meta({ description: 'Messages a day: the last stage within is taken. Or "warm".' }),
  }),
  answer: warmUp,
  run: async ({ body: { to }, caller, params: { provider, source } }, context) => {
    return changed(context, await context.warmUps.set(source, provider, to, nameOf(caller)))
  },
})

export const remove = route({
  id: 'warmUps.remove',
  method: 'DELETE',
  path: '/warm-ups/{source}/{provider}',
  summary: 'Forgets a warm-up: nothing limits the source at the provider any more.',
  needs: 'setup',
  isForInstallation: true,
  params: place,
  answer: warmUp,
  run: async ({ params: { provider, source } }, context) => {
    return changed(context, await context.warmUps.remove(source, provider))
  },
})

/** As it is after a change, which delivery knows of from now on. */
async function changed({ refresh, warmUps }: ApiContext, record: Parameters<typeof viewOf>[0]) {
  await refresh()
  return viewOf(record, warmUps.context.rules())
}
