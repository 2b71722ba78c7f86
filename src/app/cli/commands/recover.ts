// SPDX-License-Identifier: Apache-2.0
/** `posthaste recover list|retry`: mail that failed, by cause, what has changed since, and sending it again. */
import type { Command } from 'commander'
import type { ApiClient } from '../../../api/client/api-client.ts'
import * as failures from '../../../api/resources/failures.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { pointInTime, table } from '../layout.ts'
import { Progress } from '../progress.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface ListOptions extends SortOption {
  readonly tenant?: string
  readonly days: number
}

interface RetryOptions {
  readonly cause: failures.RetryBody['cause']
  readonly tenant?: string
  readonly stream?: string
  readonly domain?: string
  readonly since?: string
  readonly dryRun?: true
}

type Counts = Omit<failures.RetryAnswer, 'nextCursor'>

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists mail that failed by cause, and what has changed since.')
    .option('--tenant <id>', 'only of this tenant')
    .option('--days <count>', 'in so many days', wholeNumber(1, 90), 7)
    .addOption(sortOption())
    .action((query: ListOptions) =>
      shell.withApi(async (api) => {
        const answer = await api.call(failures.list, { query: { ...query } })
        terminal.result(answer, () => listText(terminal, answer.items, query))
      }),
    )
  command
    .command('retry')
    .description(
      'Sends mail again that failed by a cause: as new messages, and nobody gets it twice.',
    )
    .requiredOption('--cause <name>', 'as "recover list" says it')
    .option('--tenant <id>', 'only of this tenant')
    .option('--stream <name>', 'only of this stream')
    .option('--domain <name>', 'only to recipients there')
    .option('--since <time>', 'only what failed then or later, such as 2027-01-31T00:00:00Z')
    .option('--dry-run', 'counts, and sends nothing')
    .addHelpText(
      'after',
      '\nMay be run again at any time, also after it was cut off: it goes on where it was.',
    )
    .action((options: RetryOptions) =>
      shell.withApi(async (api) => {
        const counts = await retryAll(api, terminal, options)
        terminal.result(counts, () => retryText(counts, options))
      }),
    )
}

async function retryAll(
  api: ApiClient,
  terminal: Terminal,
  { dryRun, tenant, ...chosen }: RetryOptions,
): Promise<Counts> {
  const progress = new Progress(terminal, null)
  let sum: Counts | null = null
  let cursor: string | null = null
  do {
    const body = { ...chosen, trial: dryRun === true, ...(cursor !== null && { cursor }) }
    const page: failures.RetryAnswer = await api.call(failures.retry, { query: { tenant }, body })
    const { nextCursor, ...counts } = page
    sum = sum === null ? counts : added(sum, counts)
    cursor = nextCursor
    progress.advance(1, `${sum.sent} sent, ${sum.already} before`)
  } while (cursor !== null)
  progress.end()
  return sum
}

function added(sum: Counts, more: Counts): Counts {
  return {
    sent: sum.sent + more.sent,
    suppressed: sum.suppressed + more.suppressed,
    already: sum.already + more.already,
    gone: sum.gone + more.gone,
    refused: sum.refused + more.refused,
    later: sum.later + more.later,
    unanswered: sum.unanswered + more.unanswered,
    reasons: [...new Set([...sum.reasons, ...more.reasons])],
    until: sum.until,
  }
}

/** Says what there is to say, and of nobody that there is none. */
function retryText(counts: Counts, { cause, dryRun }: RetryOptions): string {
  const { already, gone, later, reasons, refused, sent, suppressed, unanswered } = counts
  const lines = [
    `${sent} recipients of mail that failed by ${cause} ${dryRun ? 'would be' : 'were'} sent it again.`,
  ]
  const say = (count: number, what: string) => count > 0 && lines.push(`${count} ${what}`)
  say(already, 'were sent it again before.')
  say(suppressed, 'are suppressed.')
  say(gone, 'cannot be: nothing of the content is kept (spool.retention_failed).')
  say(refused, 'were refused:')
  say(later, 'could not be taken now; run it again later.')
  for (const reason of reasons) lines.push(`  ${reason}`)
  say(unanswered, 'are of a worker that is away; run it again later.')
  return lines.join('\n')
}

function listText(
  terminal: Terminal,
  items: readonly failures.FailureAnswer[],
  { days }: ListOptions,
): string {
  if (items.length === 0) return `No mail has failed in ${days} days.`
  const rows = table(
    terminal,
    ['CAUSE', 'RECIPIENTS', 'SENT AGAIN', 'LAST', 'TAKEN AGAIN SINCE'],
    items.map(({ cause, lastAt, recipients, retried, sites }) => [
      cause,
      recipients,
      retried,
      pointInTime(lastAt),
      sites
        .filter(({ worksSince }) => worksSince !== null)
        .map(({ recipients: own, site }) => `${site} (${own})`)
        .join(', '),
    ]),
  )
  const repairs = items.flatMap(({ cause, repairs: its }) =>
    its.map(({ at, what }) => `${cause}: ${pointInTime(at)} ${what}`),
  )
  return repairs.length === 0 ? rows : [rows, '', 'Changed since:', ...repairs].join('\n')
}
