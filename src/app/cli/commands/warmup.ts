// SPDX-License-Identifier: Apache-2.0
/** `posthaste warmup list|show|start|pause|resume|set|remove`: how far sources have come at providers. */
import type { Command } from 'commander'
import type { WarmUpAnswer } from '../../../api/resources/warm-up-fields.ts'
import * as warmUps from '../../../api/resources/warm-ups.ts'
import { RelayError } from '../../../base/errors.ts'
import {
  type SortOption,
  type StateOption,
  sortOption,
  stateOption,
  wholeNumber,
} from '../arguments.ts'
import { type Cell, facts, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'
import { warmUpChart } from '../warm-up-chart.ts'

const MOST_A_DAY = 1_000_000_000

export function define(command: Command, shell: Shell): void {
  defineLook(command, shell)
  defineStart(command, shell)
  defineChanges(command, shell)
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists warm-ups.')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ sort, state }: SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const items = await api.all(warmUps.list, { query: { sort, state } })
        terminal.result(items, () => listOf(items, state, () => listText(terminal, items)))
      }),
    )
  command
    .command('show <source> <provider>')
    .description('Shows a warm-up: its days as a chart, and what was decided.')
    .action((source: string, provider: string) =>
      shell.withApi(async (api) => {
        const found = await api.call(warmUps.show, { params: { source, provider } })
        terminal.result(found, () =>
          [
            factsText(terminal, found),
            '',
            warmUpChart(terminal, found.days),
            '',
            ...found.decisions.map(({ at, text }) => `${pointInTime(at)}  ${text}`),
          ].join('\n'),
        )
      }),
    )
}

function defineStart(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('start <source> <provider>')
    .description('Gives a source an allowance at a provider, from now on.')
    .option('--schedule <name>', 'one of config/warm-up, or of your own')
    .option('--volume <number>', 'what it sends a day already', wholeNumber(0, MOST_A_DAY), 0)
    .action((source: string, provider: string, options: { schedule?: string; volume: number }) =>
      shell.withApi(async (api) => {
        const begun = await api.call(warmUps.start, { body: { source, provider, ...options } })
        terminal.result(begun, () => begun.lastDecision ?? '')
      }),
    )
}

function defineChanges(command: Command, shell: Shell): void {
  const { terminal } = shell
  const tell = (changed: WarmUpAnswer) =>
    terminal.result(changed, () => changed.lastDecision ?? changed.state)
  command
    .command('pause <source> <provider>')
    .description('Lets nothing go from a source to a provider, until it is resumed.')
    .option('--reason <text>', 'for people', '')
    .action((source: string, provider: string, { reason }: { reason: string }) =>
      shell.withApi(async (api) =>
        tell(await api.call(warmUps.pause, { params: { source, provider }, body: { reason } })),
      ),
    )
  command
    .command('resume <source> <provider>')
    .description('Lets a paused warm-up go on now.')
    .action((source: string, provider: string) =>
      shell.withApi(async (api) =>
        tell(await api.call(warmUps.resume, { params: { source, provider } })),
      ),
    )
  command
    .command('set <source> <provider> <volume>')
    .description('Sets what may go a day, to the stage of the schedule within it; or "warm".')
    .action((source: string, provider: string, volume: string) =>
      shell.withApi(async (api) => {
        const body = { to: volumeOf(volume) }
        tell(await api.call(warmUps.set, { params: { source, provider }, body }))
      }),
    )
  command
    .command('remove <source> <provider>')
    .description('Forgets a warm-up: nothing limits the source there any more.')
    .action((source: string, provider: string) =>
      shell.withApi(async (api) => {
        const removed = await api.call(warmUps.remove, { params: { source, provider } })
        terminal.result(removed, () => `The warm-up of ${source} at ${provider} is forgotten.`)
      }),
    )
}

function volumeOf(text: string): number | 'warm' {
  if (text === 'warm') return text
  const volume = Number(text)
  if (Number.isSafeInteger(volume) && volume > 0 && volume <= MOST_A_DAY) return volume
  throw new RelayError('RLY_USAGE', `"${text}" is no volume: expected messages a day, or "warm"`)
}

function listText(terminal: Terminal, all: readonly WarmUpAnswer[]): string {
  if (all.length === 0)
    return 'No warm-up: no source is held back. Begin one with: posthaste warmup start SOURCE PROVIDER'
  return table(
    terminal,
    ['SOURCE', 'PROVIDER', 'STATE', 'A DAY', 'STAGE', 'LAST DECISION'],
    all.map((each) => [
      each.source,
      each.provider,
      stateCell(each),
      each.allowance ?? 'no limit',
      `${each.stage} of ${each.stages}`,
      each.lastDecision ?? '',
    ]),
  )
}

function factsText(terminal: Terminal, found: WarmUpAnswer): string {
  return facts(terminal, [
    ['Source', found.source],
    ['Provider', found.provider],
    ['State', stateCell(found)],
    ['Why', found.why],
    ['Paused until', found.pausedUntil && pointInTime(found.pausedUntil)],
    ['Allowance', found.allowance === null ? 'no limit' : `${found.allowance} a day`],
    ['Schedule', `${found.schedule}, stage ${found.stage} of ${found.stages}`],
    ['Since', pointInTime(found.startedAt)],
  ])
}

function stateCell({ state }: WarmUpAnswer): Cell {
  const style = state === 'paused' ? 'red' : state === 'holding' ? 'yellow' : 'green'
  return { text: state, style }
}
