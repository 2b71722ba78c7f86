// SPDX-License-Identifier: Apache-2.0
/** `posthaste campaign list|show|pause|resume|cancel|change`: mail of one label, and what is decided about it. */
import type { Command } from 'commander'
import type { CampaignAnswer, DecidedAnswer } from '../../../api/resources/campaign-fields.ts'
import * as campaigns from '../../../api/resources/campaigns.ts'
import { RelayError } from '../../../base/errors.ts'
import { campaignLimits } from '../../../base/limits/campaign-limits.ts'
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

interface Whose {
  readonly tenant?: string
}

interface Because extends Whose {
  readonly reason: string
}

interface Changes extends Whose {
  readonly priority?: number | 'unset'
  readonly weight?: number
  readonly window?: string
  readonly pace?: string
  readonly over?: string
}

export function define(command: Command, shell: Shell): void {
  defineLook(command, shell)
  defineStops(command, shell)
  defineChange(command, shell)
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Campaigns: what waits, what came of the rest, and which are stopped.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: Whose & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(campaigns.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  ofOne(command, 'show <campaign>', 'Shows a campaign with its numbers.').action(
    (name: string, { tenant }: Whose) =>
      shell.withApi(async (api) => {
        const found = await api.call(campaigns.show, { params: { name }, query: { tenant } })
        terminal.result(found, () => factsText(terminal, found))
      }),
  )
}

function defineStops(command: Command, shell: Shell): void {
  const { terminal } = shell
  ofOne(
    command,
    'pause <campaign>',
    'Lets nothing of a campaign go until it is resumed; new mail is taken and waits.',
  )
    .option('--reason <text>', 'for people', '')
    .action((name: string, { tenant, reason }: Because) =>
      shell.withApi(async (api) => {
        const call = { params: { name }, query: { tenant }, body: { reason } }
        const answer = await api.call(campaigns.pause, call)
        terminal.result(answer, () => doneText(answer))
      }),
    )
  ofOne(
    command,
    'resume <campaign>',
    'Lets a paused campaign go on; of a cancelled one new mail is taken again.',
  ).action((name: string, { tenant }: Whose) =>
    shell.withApi(async (api) => {
      const answer = await api.call(campaigns.resume, { params: { name }, query: { tenant } })
      terminal.result(answer, () => doneText(answer))
    }),
  )
  ofOne(
    command,
    'cancel <campaign>',
    'Ends all mail of a campaign that waits, with an event for each recipient, and refuses more.',
  )
    .option('--reason <text>', 'for people', '')
    .action((name: string, { tenant, reason }: Because) =>
      shell.withApi(async (api) => {
        const call = { params: { name }, query: { tenant }, body: { reason } }
        const answer = await api.call(campaigns.cancel, call)
        terminal.result(answer, () => doneText(answer))
      }),
    )
}

function defineChange(command: Command, shell: Shell): void {
  ofOne(
    command,
    'change <campaign>',
    'Changes how a campaign stands towards others, when its mail goes and how fast; also before its first message.',
  )
    .option('--priority <0-9>', '0 is sent first; "unset": that of its stream', priorityOf)
    .option(
      '--weight <number>',
      'turns that it has while another of its tenant has one',
      wholeNumber(1, campaignLimits.weight),
    )
    .option('--window <when>', 'such as "09:00-17:00 Europe/Berlin mon-fri"; "unset": at any time')
    .option('--pace <count/time>', 'evenly, such as 500000/6h; "unset": as fast as it goes')
    .option('--over <time>', 'what waits now goes evenly over so long, such as 6h')
    .action((name: string, { tenant, ...chosen }: Changes) =>
      shell.withApi(async (api) => {
        if (Object.keys(chosen).length === 0)
          throw new RelayError('RLY_USAGE', 'say what to change, such as --weight 3')
        const { over, pace, priority, weight, window } = chosen
        const body = {
          priority: priority === 'unset' ? null : priority,
          ...{ weight, over, pace: unsettable(pace), sendWindow: unsettable(window) },
        }
        const call = { params: { name }, query: { tenant }, body }
        const answer = await api.call(campaigns.change, call)
        shell.terminal.result(answer, () => doneText(answer))
      }),
    )
}

function ofOne(command: Command, usage: string, description: string): Command {
  return command
    .command(usage)
    .description(description)
    .option('--tenant <id>', 'whose (default: the only tenant)')
}

function unsettable(text: string | undefined): string | null | undefined {
  return text === 'unset' ? null : text
}

function priorityOf(text: string): number | 'unset' {
  return text === 'unset' ? text : wholeNumber(0, 9)(text)
}

function doneText(answer: DecidedAnswer): string {
  const { name, pace, priority, sendWindow, state, tenant, weight } = answer
  const standing = [
    ...(priority === null ? [] : [`priority ${priority}`]),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(sendWindow === null ? [] : [`goes ${sendWindow}`]),
    ...(pace === null ? [] : [`at ${pace}`]),
  ]
  return `Campaign ${name} of tenant ${tenant} is ${[state, ...standing].join(', ')}.`
}

function listText(terminal: Terminal, all: readonly CampaignAnswer[]): string {
  if (all.length === 0)
    return 'No campaign: mail is of one by X-Posthaste-Campaign, or by "campaign" in the API.'
  return table(
    terminal,
    ['TENANT', 'CAMPAIGN', 'STATE', 'WAITING', 'DELIVERED', 'BOUNCED', 'COMPLAINTS', 'DONE'],
    all.map((each) => [
      each.tenant,
      each.name,
      stateCell(each),
      leftOf(each),
      each.delivered,
      each.bounced + each.reported,
      `${each.complained}  (${percent(each.complaintRate)})`,
      each.doneAt === null ? '' : pointInTime(Date.parse(each.doneAt)),
    ]),
  )
}

function factsText(terminal: Terminal, found: CampaignAnswer): string {
  const { by, mark, since, why } = found
  return facts(terminal, [
    ['Campaign', found.name],
    ['Tenant', found.tenant],
    ['State', stateCell(found)],
    ['Since', since && `${pointInTime(Date.parse(since))}, by ${by}: ${why}`],
    ['Priority', found.priority ?? 'that of its stream'],
    ['Weight', found.weight],
    ['Window', spreadText(found, 'sendWindow')],
    ['Pace', spreadText(found, 'pace')],
    ['Waiting', `${leftOf(found)}, ${found.inFlight ?? 0} in flight`],
    ['Delivered', found.delivered],
    ['Bounced', `${found.bounced} at once, ${found.reported} later (${percent(found.bounceRate)})`],
    ['Complaints', `${found.complained} (${percent(found.complaintRate)})`],
    ['Unsubscribed', found.unsubscribed],
    ['Marked', mark && { text: `${pointInTime(mark.since)}: ${mark.why}`, style: 'yellow' }],
    ['Done', found.doneAt && pointInTime(Date.parse(found.doneAt))],
    ...found.notes.map((note) => ['Note', { text: note, style: 'yellow' }] as const),
  ])
}

function spreadText(found: CampaignAnswer, what: 'sendWindow' | 'pace'): string | null {
  const said = found[what]
  return said !== null && found.spreadBy === 'mail' ? `${said}, as its mail says` : said
}

function stateCell({ mark, state }: DecidedAnswer): Cell {
  const style = state === 'running' ? 'green' : state === 'paused' ? 'yellow' : 'red'
  return mark === null ? { text: state, style } : { text: `${state}, marked`, style: 'yellow' }
}

function leftOf({ ready, waiting }: CampaignAnswer): string {
  return waiting === null ? '?' : String(waiting + (ready ?? 0))
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
