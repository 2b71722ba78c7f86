// SPDX-License-Identifier: Apache-2.0
/** `posthaste queue`: what waits, where and why, and what a person does about it. */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { formatDuration } from '../../../base/quantity.ts'
import type { QueueRow, SiteRow, WaitingRow } from '../../../control/queue-views.ts'
import { emptyIn, pathInWords } from '../../../control/queue-views.ts'
import { wholeNumber } from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

const PATTERN = 'a queue as "queue list" shows it, or a pattern with *'

export function define(command: Command, shell: Shell): void {
  command
    .command('list')
    .description(
      'Queues with somebody waiting, the largest where there are many, and the sites they go to.',
    )
    .option(
      '--limit <count>',
      'at most so many queues, and as many sites',
      wholeNumber(1, 100_000),
      1_000,
    )
    .action(({ limit }: { limit: number }) => list(shell, limit))
  command
    .command('show')
    .description('One queue and who waits in it.')
    .argument('<queue>', 'stream:tenant@domain')
    .option('--limit <count>', 'at most so many recipients', wholeNumber(1, 1_000), 50)
    .action((queue: string, { limit }: { limit: number }) => show(shell, queue, limit))
  command
    .command('suspend')
    .description('Stop sending from a queue; survives restarts.')
    .argument('<queue>', PATTERN)
    .requiredOption('--reason <text>', 'why, for whoever looks next')
    .action((queue: string, { reason }: { reason: string }) =>
      act(
        shell,
        'suspend',
        queue,
        reason,
        () => `${queue} is suspended; "posthaste queue resume '${queue}'" starts it again`,
      ),
    )
  command
    .command('resume')
    .description('Send from a suspended queue again.')
    .argument('<queue>', 'as it was suspended')
    .action((queue: string) => act(shell, 'resume', queue, '', () => `${queue} is resumed`))
  command
    .command('retry')
    .description('Try everything in a queue now.')
    .argument('<queue>', PATTERN)
    .action((queue: string) =>
      act(
        shell,
        'retry',
        queue,
        '',
        (count) => `${count} recipients are tried now; "posthaste tail" shows how it goes`,
      ),
    )
  command
    .command('bounce')
    .description('End everything in a queue, with a delivery report where one is owed.')
    .argument('<queue>', PATTERN)
    .requiredOption('--reason <text>', 'goes into events and delivery reports')
    .action((queue: string, { reason }: { reason: string }) =>
      act(shell, 'bounce', queue, reason, (count) => `${count} recipients bounced`),
    )
}

async function list(shell: Shell, limit: number): Promise<void> {
  const relay = await shell.relay()
  const answer = await relay.get<{
    queues: readonly QueueRow[]
    isWhole: boolean
    sites: readonly SiteRow[]
  }>('/v1/queues', { limit: String(limit) })
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

function queueTable(terminal: Terminal, queues: readonly QueueRow[]): string {
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
function inWords(row: QueueRow): string {
  const left = emptyIn(row)
  return left === null ? row.because : `${row.because}; empty in ${formatDuration(left)}`
}

/** Sites that do not work as they should. */
function siteLines(terminal: Terminal, sites: readonly SiteRow[]): readonly string[] {
  const rows = sites.flatMap(({ site, paths, connections }) =>
    paths
      .filter(({ state }) => state.kind !== 'open')
      .map(({ source, state }) => [
        site,
        source,
        connections,
        { text: pathInWords(state), style: 'yellow' as const },
      ]),
  )
  return rows.length === 0
    ? []
    : ['', table(terminal, ['site', 'source', 'connections', 'path'], rows)]
}

async function show(shell: Shell, queue: string, limit: number): Promise<void> {
  const relay = await shell.relay()
  const query = { queue, limit: String(limit) }
  const answer = await relay.get<{
    queue: QueueRow
    recipients: readonly WaitingRow[]
  }>('/v1/queues/show', query)
  shell.terminal.result(answer, (terminal) => {
    const { queue: row, recipients } = answer
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
      pointInTime(Date.parse(recipient.dueAt)),
      recipient.lastReply ?? '',
    ])
    return `${head}\n\n${table(terminal, ['message', 'recipient', 'attempts', 'due', 'last reply'], rows)}`
  })
}

async function act(
  shell: Shell,
  action: 'suspend' | 'resume' | 'retry' | 'bounce',
  pattern: string,
  reason: string,
  text: (recipients: number) => string,
): Promise<void> {
  const relay = await shell.relay()
  const body = { pattern, by: userInfo().username, reason }
  const answer = await relay.post<{ pattern: string; recipients?: number }>(
    `/v1/queues/${action}`,
    body,
  )
  shell.terminal.result(answer, () => text(answer.recipients ?? 0))
}
