// SPDX-License-Identifier: Apache-2.0
/** `posthaste tenant standing list|show|pin|release`: how tenants stand in pools that they share. */
import { Argument, type Command } from 'commander'
import * as standings from '../../../api/resources/standings.ts'
import { RelayError } from '../../../base/errors.ts'
import { standingStates } from '../../../records/standing.ts'
import { type SortOption, type StateOption, sortOption, stateOption } from '../arguments.ts'
import { type Cell, facts, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface PoolOption {
  readonly pool?: string
}

export function defineStanding(parent: Command, shell: Shell): void {
  const command = parent
    .command('standing')
    .description('How tenants stand in pools that they share; pin it, or release them.')
  defineLook(command, shell)
  defineChanges(command, shell)
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists tenants in each pool that they send by, with what was counted in a week.')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ sort, state }: SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(standings.list, { query: { sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <tenant>')
    .description('Shows how one tenant stands, and what was decided.')
    .action((tenant: string) =>
      shell.withApi(async (api) => {
        const own = await api.all(standings.list, { query: { tenant } })
        if (own.length === 0)
          throw new RelayError('RLY_RECORD_UNKNOWN', `tenant "${tenant}" sends by no pool`)
        terminal.result(own, () => own.map((each) => textOf(terminal, each)).join('\n\n'))
      }),
    )
}

function defineChanges(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('pin <tenant>')
    .addArgument(new Argument('<state>', 'how it stands').choices(standingStates))
    .description('Says how a tenant stands, whatever is counted, until it is released.')
    .option('--pool <name>', 'in which pool (default: the only one)')
    .option('--reason <text>', 'for people', '')
    .action(
      (
        tenant: string,
        state: standings.StandingAnswer['state'],
        { pool, reason }: PoolOption & { readonly reason: string },
      ) =>
        shell.withApi(async (api) => {
          const pinned = await api.call(standings.pin, { body: { tenant, pool, state, reason } })
          terminal.result(pinned, () => pinned.decisions.at(-1)?.text ?? pinned.state)
        }),
    )
  command
    .command('release <tenant>')
    .description('Ends a pin, a hold, a quarantine or a watch: it begins anew.')
    .option('--pool <name>', 'in which pool (default: the one where it is not good)')
    .action((tenant: string, { pool }: PoolOption) =>
      shell.withApi(async (api) => {
        const released = await api.call(standings.release, { body: { tenant, pool } })
        terminal.result(released, () => released.decisions.at(-1)?.text ?? released.state)
      }),
    )
}

function listText(terminal: Terminal, all: readonly standings.StandingAnswer[]): string {
  if (all.length === 0) return 'No tenant yet. Add one: posthaste tenant add ID'
  return table(
    terminal,
    ['TENANT', 'POOL', 'STANDING', 'DELIVERED', 'UNKNOWN', 'REFUSED', 'COMPLAINTS', 'WHY'],
    all.map(({ isShared, lastWeek, pinnedBy, pool, state, tenant, why }) => [
      tenant,
      isShared ? pool : `${pool} (alone)`,
      stateCell(state, pinnedBy),
      lastWeek.delivered,
      lastWeek.unknown,
      lastWeek.refused,
      lastWeek.complained,
      why ?? '',
    ]),
  )
}

function textOf(terminal: Terminal, found: standings.StandingAnswer): string {
  const { decisions, isShared, lastDay, lastWeek, pinnedBy, pool, since, state, tenant, why } =
    found
  const counted = ({ complained, delivered, refused, unknown }: typeof lastDay) =>
    `${delivered} delivered, ${unknown} without such a recipient, ${refused} refused, ${complained} called spam`
  const text = facts(terminal, [
    ['tenant', tenant],
    ['pool', isShared ? pool : `${pool}, alone: nothing follows from what is counted`],
    ['standing', stateCell(state, pinnedBy)],
    ['why', why],
    ['since', since && pointInTime(since)],
    ['last 24 hours', counted(lastDay)],
    ['last 7 days', counted(lastWeek)],
  ])
  const lines = decisions.map((each) => `${pointInTime(each.at)}  ${each.text}`)
  return [text, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')
}

function stateCell(state: standings.StandingAnswer['state'], pinnedBy: string | null): Cell {
  const style = { good: 'green', watched: 'yellow', quarantined: 'red', held: 'red' } as const
  return { text: pinnedBy === null ? state : `${state}, pinned`, style: style[state] }
}
