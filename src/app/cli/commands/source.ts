// SPDX-License-Identifier: Apache-2.0
/** `posthaste source list|show|drain|rest|resume`: where mail goes out. */
import type { Command } from 'commander'
import * as sources from '../../../api/resources/sources.ts'
import type { DurationMs } from '../../../base/brand.ts'
import {
  durationArgument,
  type SortOption,
  type StateOption,
  sortOption,
  stateOption,
} from '../arguments.ts'
import { type Cell, facts, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  defineLook(command, shell)
  defineChanges(command, shell)
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists sources: addresses, pools, and whether they send.')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ sort, state }: SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const items = await api.all(sources.list, { query: { sort, state } })
        terminal.result(items, () => listOf(items, state, () => listText(terminal, items)))
      }),
    )
  command
    .command('show <name>')
    .description('Shows a source.')
    .action((name: string) =>
      shell.withApi(async (api) => {
        const found = await api.call(sources.show, { params: { name } })
        terminal.result(found, () => factsText(terminal, found))
      }),
    )
  command
    .command('check <name>')
    .description('Checks its address, its names, and lists that may have it, now.')
    .action((name: string) =>
      shell.withApi(async (api) => {
        const found = await api.call(sources.check, { params: { name } })
        terminal.result(found, () => factsText(terminal, found))
      }),
    )
}

function defineChanges(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('drain <name>')
    .description('Begins nothing new from it; what is under way ends, its mail goes by others.')
    .option('--reason <text>', 'for people', '')
    .action((name: string, { reason }: { reason: string }) =>
      shell.withApi(async (api) => {
        const changed = await api.call(sources.drain, { params: { name }, body: { reason } })
        terminal.result(changed, () => drainText(changed))
      }),
    )
  command
    .command('rest <name>')
    .description('Lets nothing go from it, for a time or until it is resumed.')
    .option('--reason <text>', 'for people', '')
    .option('--for <time>', 'then it goes on by itself, such as 6h', durationArgument)
    .action((name: string, options: { readonly reason: string; readonly for?: DurationMs }) =>
      shell.withApi(async (api) => {
        const body = { reason: options.reason, lastsMs: options.for }
        const changed = await api.call(sources.rest, { params: { name }, body })
        terminal.result(changed, () => `${name} is ${stateText(changed)}.`)
      }),
    )
  command
    .command('resume <name>')
    .description('Lets it send again.')
    .action((name: string) =>
      shell.withApi(async (api) => {
        const changed = await api.call(sources.resume, { params: { name } })
        terminal.result(changed, () => `${name} sends again.`)
      }),
    )
}

function drainText({ connections, name }: sources.SourceAnswer): string {
  const open = connections === null || connections === 0 ? '' : `, ${connections} connections open`
  return `${name} is draining${open}. Its mail goes by other sources of its pools, or waits where there is none.`
}

function listText(terminal: Terminal, all: readonly sources.SourceAnswer[]): string {
  return table(
    terminal,
    ['SOURCE', 'ADDRESS', 'EHLO', 'POOLS', 'STATE', 'OPEN', 'WAITING', 'WARM-UPS', 'CHECKS'],
    all.map((each) => [
      each.name,
      each.address ?? 'any',
      each.ehlo,
      poolsText(each),
      stateCell(each),
      each.connections ?? '?',
      each.waiting ?? '?',
      warmUpsText(each),
      checksCell(each),
    ]),
  )
}

function factsText(terminal: Terminal, found: sources.SourceAnswer): string {
  return facts(terminal, [
    ['Source', found.name],
    ['Address', addressText(found)],
    ['EHLO', found.ehlo],
    ['Proxy', found.cut === null ? found.proxy : { text: found.cut, style: 'red' }],
    ['Pools', poolsText(found)],
    ['State', stateCell(found)],
    ['Why', found.reason && `${found.reason}, by ${found.by}`],
    ['Since', found.changedAt && pointInTime(found.changedAt)],
    ['Connections', found.connections],
    ['Waiting', found.waiting],
    ['Warm-ups', warmUpsText(found) || null],
    ...checkFacts(found),
  ])
}

function addressText({ address, localAddress }: sources.SourceAnswer): string {
  if (address === null) return 'the system chooses'
  return address === localAddress ? address : `${address}, here ${localAddress ?? 'any'}`
}

function checkFacts({ checkedAt, checks }: sources.SourceAnswer): [string, Cell | null][] {
  if (checks === null || checkedAt === null) return [['Checked', 'not yet']]
  const { address, ehlo, lists, reverse } = checks
  return [
    ['Checked', pointInTime(checkedAt)],
    ['Own address', findingCell(address)],
    ['Reverse DNS', findingCell(reverse)],
    ['EHLO name', findingCell(ehlo)],
    ...lists.map((each): [string, Cell] => [each.list, findingCell(each)]),
  ]
}

function findingCell({
  state,
  why,
}: {
  readonly state: string
  readonly why: string | null
}): Cell {
  const style = styles[state] ?? 'yellow'
  return { text: why === null ? state : `${state}: ${why}`, style }
}

const styles: Readonly<Record<string, 'green' | 'red' | 'dim'>> = {
  ok: 'green',
  clear: 'green',
  wrong: 'red',
  listed: 'red',
  skipped: 'dim',
}

function checksCell({ checkedAt, cut, flaws }: sources.SourceAnswer): Cell {
  if (cut !== null) return { text: cut, style: 'red' }
  if (flaws.length > 0) return { text: flaws.join('; '), style: 'red' }
  return checkedAt === null ? '' : { text: 'ok', style: 'green' }
}

function poolsText({ pools }: sources.SourceAnswer): string {
  return pools.map(({ pool, weight }) => (weight === 1 ? pool : `${pool} ×${weight}`)).join(', ')
}

function warmUpsText({ warmUps }: sources.SourceAnswer): string {
  return warmUps
    .map(
      ({ allowance, provider, state }) =>
        `${provider} ${state}${allowance === null ? '' : ` ${allowance}/d`}`,
    )
    .join(', ')
}

function stateText({ state, until }: sources.SourceAnswer): string {
  return until === null ? state : `${state} until ${pointInTime(until)}`
}

function stateCell(found: sources.SourceAnswer): Cell {
  return { text: stateText(found), style: found.state === 'active' ? 'green' : 'yellow' }
}
