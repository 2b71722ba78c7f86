// SPDX-License-Identifier: Apache-2.0
/** `/sources`: where mail goes out, whether it does, and what people do about it. */
import { z } from 'zod'
import type { SourceView } from '../../control/sources/source-service.ts'
import { timestampOf } from '../../events/event.ts'
import { sourceStates } from '../../records/source.ts'
import { flawsOf } from '../../records/source-checkup.ts'
import { warmUpStates } from '../../records/warm-up.ts'
import type { ApiContext } from '../http/api-context.ts'
import { nameOf } from '../http/caller.ts'
import { durationMs, timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'

const why = z.string().nullable()
const finding = z.object({ state: z.enum(['ok', 'wrong', 'unknown', 'skipped']), why })
const listFinding = z.object({
  list: z.string(),
  state: z.enum(['clear', 'listed', 'unanswered', 'refused']).meta({
    description: '`refused`: it does not answer us, or not truly, and says nothing of the source.',
  }),
  why,
})

const source = z.object({
  name: z.string(),
  localAddress: z.string().nullable().meta({ description: 'null: the system chooses.' }),
  address: z.string().nullable().meta({ description: 'That receivers see; null: not known.' }),
  ehlo: z.string(),
  proxy: z.string().nullable().meta({ description: '`socks5 10.0.0.9:1080`.' }),
  cut: z
    .string()
    .nullable()
    .meta({ description: 'Why its proxy does not take us; null: it does.' }),
  pools: z.array(z.object({ pool: z.string(), weight: z.int() })),
  state: z.enum(sourceStates),
  reason: z.string().nullable().meta({ description: 'Why it does not send.' }),
  by: z.string().nullable().meta({ description: 'Who stopped it.' }),
  until: timestamp
    .nullable()
    .meta({ description: 'Then it sends again. null: when it is resumed, or it sends.' }),
  changedAt: timestamp
    .nullable()
    .meta({ description: 'When its state changed, or it was first seen.' }),
  connections: z.int().nullable().meta({ description: 'Open now. null: no relay runs.' }),
  waiting: z.int().nullable().meta({ description: 'Recipients that wait for its pools.' }),
  flaws: z.array(z.string()).meta({ description: 'What was found wrong, in sentences.' }),
  checkedAt: timestamp.nullable().meta({ description: 'null: it was not checked yet.' }),
  checks: z
    .object({ address: finding, reverse: finding, ehlo: finding, lists: z.array(listFinding) })
    .nullable(),
  warmUps: z.array(
    z.object({
      provider: z.string(),
      state: z.enum(warmUpStates),
      allowance: z.int().nullable(),
    }),
  ),
})

export type SourceAnswer = z.output<typeof source>

const byName = z.strictObject({ name: z.string().max(100) })
const reason = z.string().max(500).default('')

export const list = route({
  id: 'sources.list',
  method: 'GET',
  path: '/sources',
  summary: 'Lists sources.',
  needs: 'read',
  isForInstallation: true,
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(sourceStates),
    sort: sortBy(['name']),
  }),
  answer: pageOf(source),
  run: async ({ query }, { sources }) =>
    paged(
      inState((await sources.list()).map(viewOf), query.state, ({ state }) => state),
      ({ name }) => name,
      query,
    ),
})

export const show = route({
  id: 'sources.show',
  method: 'GET',
  path: '/sources/{name}',
  summary: 'Shows a source.',
  needs: 'read',
  isForInstallation: true,
  params: byName,
  answer: source,
  run: async ({ params: { name } }, { sources }) => viewOf(await sources.show(name)),
})

export const drain = route({
  id: 'sources.drain',
  method: 'POST',
  path: '/sources/{name}/drain',
  summary:
    'Lets what is under way from a source end, and nothing new begin; its mail goes by others.',
  needs: 'admin',
  isForInstallation: true,
  params: byName,
  body: z.strictObject({ reason }),
  answer: source,
  run: async ({ body, caller, params: { name } }, context) => {
    await context.sources.drain(name, given(body.reason), nameOf(caller))
    return changed(context, name)
  },
})

export const rest = route({
  id: 'sources.rest',
  method: 'POST',
  path: '/sources/{name}/rest',
  summary: 'Lets nothing go from a source, for a time or until it is resumed.',
  needs: 'admin',
  isForInstallation: true,
  params: byName,
  body: z.strictObject({
    reason,
    lastsMs: durationMs
      .nullable()
      .default(null)
      .meta({ description: 'null: until it is resumed.' }),
  }),
  answer: source,
  run: async ({ body, caller, params: { name } }, context) => {
    await context.sources.rest(name, given(body.reason), nameOf(caller), body.lastsMs)
    return changed(context, name)
  },
})

export const resume = route({
  id: 'sources.resume',
  method: 'POST',
  path: '/sources/{name}/resume',
  summary: 'Lets a source send again.',
  needs: 'admin',
  isForInstallation: true,
  params: byName,
  answer: source,
  run: async ({ caller, params: { name } }, context) => {
    await context.sources.resume(name, nameOf(caller))
    return changed(context, name)
  },
})

export const check = route({
  id: 'sources.check',
  method: 'POST',
  path: '/sources/{name}/check',
  summary: 'Checks a source now: its address, its names, and lists that may have it.',
  needs: 'admin',
  isForInstallation: true,
  params: byName,
  answer: source,
  run: async ({ params: { name } }, context) => {
    await context.sourceCheckups.check([context.sources.known(name)])
    return viewOf(await context.sources.show(name))
  },
})

function given(reason: string): string {
  return reason === '' ? 'no reason given' : reason
}

/** As it is after a change, which delivery knows of from now on. */
async function changed({ refresh, sources }: ApiContext, name: string): Promise<SourceAnswer> {
  await refresh()
  return viewOf(await sources.show(name))
}

function viewOf({ changedAt, checkup, state, warmUps, ...view }: SourceView): SourceAnswer {
  return {
    ...view,
    pools: [...view.pools],
    state: state.kind,
    reason: state.kind === 'active' ? null : state.reason,
    by: state.kind === 'active' ? null : state.by,
    until: state.kind === 'resting' && state.until !== null ? timestampOf(state.until) : null,
    changedAt: changedAt === null ? null : timestampOf(changedAt),
    flaws: checkup === null ? [] : [...flawsOf(checkup.findings).values()],
    checkedAt: checkup === null ? null : timestampOf(checkup.checkedAt),
    checks: checkup && { ...checkup.findings, lists: [...checkup.findings.lists] },
    warmUps: warmUps.map(({ allowance, provider, state }) => ({ provider, state, allowance })),
  }
}
