// SPDX-License-Identifier: Apache-2.0
/** `posthaste queue`: what waits, where and why, and what a person does about it. */
import type { Command } from 'commander'
import type { z } from 'zod'
import type { ApiClient } from '../../../api/client/api-client.ts'
import type { Route } from '../../../api/http/route.ts'
import * as queues from '../../../api/resources/queues.ts'
import * as sites from '../../../api/resources/sites.ts'
import { RelayError } from '../../../base/errors.ts'
import { formatDuration } from '../../../base/quantity.ts'
import { emptyIn } from '../../../control/queues/queue-views.ts'
import { wholeNumber } from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

type QueueAnswer = z.output<typeof queues.list.answer>['items'][number]
type SiteAnswer = z.output<typeof sites.list.answer>['items'][number]

interface ListFlags {
  readonly tenant?: string
  readonly credential?: string
  readonly stream?: string
  readonly campaign?: string
  readonly domain?: string
  readonly limit: number
}

/** Of the API, at most. */
const PAGE = 500

const PATTERN = 'a queue as "queue list" shows it, or a pattern with *'

export function define(command: Command, shell: Shell): void {
  defineLook(command, shell)
  command
    .command('suspend')
    .description('Stop sending from a queue; survives restarts.')
    .argument('<queue>', PATTERN)
    .requiredOption('--reason <text>', 'why, for whoever looks next')
    .action((queue: string, { reason }: { reason: string }) =>
      act(
        shell,
        queues.suspend,
        { queue, reason },
        () => `${queue} is suspended; "posthaste queue resume '${queue}'" starts it again`,
      ),
    )
  command
    .command('resume')
    .description('Send from a suspended queue again.')
    .argument('<queue>', 'as it was suspended')
    .action((queue: string) => act(shell, queues.resume, { queue }, () => `${queue} is resumed`))
  command
    .command('retry')
    .description('Try everything in a queue now.')
    .argument('<queue>', PATTERN)
    .action((queue: string) =>
      act(
        shell,
        queues.retry,
        { queue },
        ({ recipients }) =>
          `${recipients} recipients are tried now; "posthaste tail" shows how it goes`,
      ),
    )
  command
    .command('cancel')
    .description(
      'Take back what came with one credential or key: nobody gets it, no report is sent.',
    )
    .requiredOption('--credential <id>', 'of which all that waits or is held is meant')
    .option('--tenant <tenant>', 'only of this tenant')
    .action(({ credential, tenant }: { credential: string; tenant?: string }) =>
      shell.withApi(async (api) => {
        const body = { credential }
        const answer = await api.call(queues.cancel, { query: { tenant }, body })
        shell.terminal.result(answer, () => `${answer.recipients} recipients are taken back.`)
      }),
    )
  command
    .command('bounce')
    .description('End everything in a queue, with a delivery report where one is owed.')
    .argument('<queue>', PATTERN)
    .requiredOption('--reason <text>', 'goes into events and delivery reports')
    .action((queue: string, { reason }: { reason: string }) =>
      act(
        shell,
        queues.bounce,
        { queue, reason },
        ({ recipients }) => `${recipients} recipients bounced`,
      ),
    )
}

function defineLook(command: Command, shell: Shell): void {
  command
    .command('list')
    .description(
      'Queues with somebody waiting, the largest where there are many, and the sites they go to.',
    )
    .option('--tenant <tenant>', 'of one tenant')
    .option('--credential <id>', 'of what came with one credential or key')
    .option('--stream <stream>', 'of one stream')
    .option('--campaign <campaign>', 'of one campaign')
    .option('--domain <domain>', 'to one domain')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 1_000)
    .action((flags: ListFlags) => list(shell, flags))
  command
    .command('show')
    .description('One queue and who waits in it.')
    .argument('<queue>', 'stream:tenant@domain')
    .option('--limit <count>', 'at most so many recipients', wholeNumber(1, 1_000), 50)
    .action((queue: string, { limit }: { limit: number }) => show(shell, queue, limit))
  command
    .command('suspensions')
    .description('What is suspended, by whom and why.')
    .action(() =>
      shell.withApi(async (api) => {
        const all = await api.all(queues.suspensions)
        shell.terminal.result(all, (terminal) =>
          all.length === 0
            ? 'Nothing is suspended.'
            : table(
                terminal,
                ['queue', 'since', 'by', 'reason'],
                all.map((each) => [
                  { text: each.queue, style: 'bold' as const },
                  pointInTime(Date.parse(each.createdAt)),
                  each.by,
                  each.reason,
                ]),
              ),
        )
      }),
    )
}

async function list(shell: Shell, { limit, ...only }: ListFlags): Promise<void> {
  const answer = await shell.withApi(async (api) => {
    const found: QueueAnswer[] = []
    let cursor: string | undefined
    do {
      const query = {
        ...only,
        sort: '-total',
        limit: Math.min(PAGE, limit - found.length),
        cursor,
      }
      const page = await api.call(queues.list, { query })
      found.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined && found.length < limit)
    found.sort((one, other) => (one.queue < other.queue ? -1 : 1))
    return { queues: found, isWhole: cursor === undefined, sites: await sitesOf(api, only) }
  })
  shell.terminal.result(answer, (terminal) => {
    if (answer.queues.length === 0)
      return 'Nothing waits. "posthaste tail" shows mail as it comes and goes.'
    const rest = answer.isWhole
      ? []
      : [`These are the ${answer.queues.length} largest; --limit shows more.`]
    return [
      queueTable(terminal, answer.queues),
      ...rest,
      ...siteLines(terminal, answer.sites),
    ].join('\n')
  })
}

/** None with a key of one tenant: receivers know the relay's sources, not its tenants. */
async function sitesOf(
  api: ApiClient,
  { credential, tenant }: Pick<ListFlags, 'credential' | 'tenant'>,
): Promise<readonly SiteAnswer[]> {
  if (tenant !== undefined || credential !== undefined) return []
  try {
    return await api.all(sites.list)
  } catch (thrown) {
    // The key is not for that.
    if (thrown instanceof RelayError && thrown.code === 'RLY_FORBIDDEN') return []
    throw thrown
  }
}

function queueTable(terminal: Terminal, queues: readonly QueueAnswer[]): string {
  const rows = queues.map((row) => [
    { text: row.queue, style: 'bold' as const },
    row.waiting,
    row.ready,
    row.inFlight,
    row.nextDueAt === null ? '' : pointInTime(Date.parse(row.nextDueAt)),
    row.isSuspended ? { text: row.because, style: 'yellow' as const } : inWords(row),
  ])
  return table(terminal, ['queue', 'waiting', 'ready', 'in flight', 'next due', 'waits for'], rows)
}

/** What it waits for, and for how long at its pace. */
function inWords(row: QueueAnswer): string {
  const left = emptyIn(row)
  return left === null ? row.because : `${row.because}; empty in ${formatDuration(left)}`
}

/** Sites that do not work as they should. */
function siteLines(terminal: Terminal, sites: readonly SiteAnswer[]): readonly string[] {
  const rows = sites.flatMap(({ site, paths, connections }) =>
    paths
      .filter(({ state }) => state.kind !== 'open')
      .map(({ source, state }) => [
        site,
        source,
        connections,
        { text: stateInWords(state), style: 'yellow' as const },
      ]),
  )
  return rows.length === 0
    ? []
    : ['', table(terminal, ['site', 'source', 'connections', 'path'], rows)]
}

async function show(shell: Shell, queue: string, limit: number): Promise<void> {
  const { recipients, ...row } = await shell.withApi((api) =>
    api.call(queues.show, { params: { queue }, query: { recipients: limit } }),
  )
  shell.terminal.result({ queue: row, recipients }, (terminal) => {
    const head = facts(terminal, [
      ['queue', { text: row.queue, style: 'bold' }],
      ['waiting', row.waiting],
      ['ready', row.ready],
      ['waits for', inWords(row)],
    ])
    const rows = recipients.map((recipient) => [
      recipient.messageId,
      recipient.recipient,
      recipient.attempts,
      recipient.held === null ? pointInTime(Date.parse(recipient.dueAt)) : 'held',
      recipient.held ?? recipient.lastReply ?? '',
    ])
    const inTable = table(terminal, ['message', 'recipient', 'attempts', 'due', 'last reply'], rows)
    return [head, '', inTable, ...heldLines(recipients)].join('\n')
  })
}

/** What a person can do about the held ones among them. */
function heldLines(recipients: readonly { readonly held: string | null }[]): readonly string[] {
  const count = recipients.filter(({ held }) => held !== null).length
  if (count === 0) return []
  return [
    '',
    `${count} of these recipients are held and stay in the queue until you decide.`,
    '"posthaste held release MESSAGE" sends a message, "posthaste held cancel MESSAGE" gives it up.',
    'Where the reason is damage, restore the file or record from a backup before you release it.',
  ]
}

async function act<P, Q, B, A>(
  shell: Shell,
  route: Route<P, Q, B, A>,
  body: { readonly queue: string; readonly reason?: string },
  text: (answer: A) => string,
): Promise<void> {
  const answer = await shell.withApi((api) => api.call(route, { body }))
  shell.terminal.result(answer, () => text(answer))
}

function stateInWords({ kind, until, by, reason }: SiteAnswer['paths'][number]['state']): string {
  const from = by === null ? '' : ` by ${by}`
  const to = until === null ? '' : ` until ${until}`
  return `${kind}${from}${to}${reason === null ? '' : `: ${reason}`}`
}
