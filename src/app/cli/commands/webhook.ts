// SPDX-License-Identifier: Apache-2.0
/** `posthaste webhook add|list|show|change|rotate|remove|test|deliveries|dead|replay`: where tenants are told of what happens. */
import { type Command, Option } from 'commander'
import type { ApiClient } from '../../../api/client/api-client.ts'
import { look, type StateAnswer } from '../../../api/resources/webhook-deliveries.ts'
import type { ListedWebhook, WebhookAnswer } from '../../../api/resources/webhook-fields.ts'
import * as webhooks from '../../../api/resources/webhooks.ts'
import type { DurationMs } from '../../../base/brand.ts'
import { RelayError } from '../../../base/errors.ts'
import { webhookLimits } from '../../../base/limits/webhook-limits.ts'
import { formatDuration } from '../../../base/quantity.ts'
import {
  durationArgument,
  listArgument,
  type SortOption,
  type StateOption,
  sortOption,
  stateOption,
  wholeNumber,
} from '../arguments.ts'
import { facts, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'
import { defineDeliveries } from './webhook-deliveries.ts'

interface Choices {
  readonly note?: string
  readonly types?: readonly string[]
  readonly batch?: number
  readonly batchWait?: DurationMs
}

interface AddOptions extends Choices {
  readonly tenant?: string
  readonly stream?: string
}

interface ChangeOptions extends Choices {
  readonly url?: string
  readonly pause?: true
  readonly resume?: true
}

const ADD_HELP = `
Examples:
  posthaste webhook add https://example.com/hooks --types message.bounced,message.complained
  posthaste webhook add https://example.com/hooks --stream bulk --batch 100 --batch-wait 5s`

export function define(command: Command, shell: Shell): void {
  defineAdd(command, shell)
  defineLook(command, shell)
  defineChange(command, shell)
  defineRotate(command, shell)
  defineRemove(command, shell)
  defineDeliveries(command, shell)
}

function defineAdd(command: Command, shell: Shell): void {
  const { terminal } = shell
  withChoices(command.command('add <url>'))
    .description('Tells an endpoint what happens from now on. Its secret is shown once.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--stream <name>', 'only events of this stream')
    .addHelpText('after', ADD_HELP)
    .action((url: string, { tenant, stream, ...options }: AddOptions) =>
      shell.withApi(async (api) => {
        const made = await api.call(webhooks.add, {
          query: { tenant },
          body: { url, stream, ...bodyOf(options) },
        })
        terminal.result(made, () => `Added webhook ${made.id}. ${secretText(terminal, made)}`)
      }),
    )
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists endpoints, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: { readonly tenant?: string } & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(webhooks.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <id>')
    .description('Shows an endpoint, but never its secret.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const webhook = await api.call(webhooks.show, { params: { id } })
        const state = await stateOf(api, id)
        terminal.result(state === null ? webhook : { ...webhook, ...state }, () =>
          textOf(terminal, webhook, state),
        )
      }),
    )
}

function defineChange(command: Command, shell: Shell): void {
  const { terminal } = shell
  withChoices(command.command('change <id>'))
    .description('Changes an endpoint.')
    .option('--url <url>', 'where it is from now on')
    .addOption(
      new Option('--pause', 'send nothing; what happens is sent later').conflicts('resume'),
    )
    .option('--resume', 'go on where it was')
    .action((id: string, { url, pause, resume, ...options }: ChangeOptions) =>
      shell.withApi(async (api) => {
        const isPaused = pause ? true : resume ? false : undefined
        const changed = await api.call(webhooks.change, {
          params: { id },
          body: { url, isPaused, ...bodyOf(options) },
        })
        terminal.result(changed, () => `Changed webhook ${changed.id}.`)
      }),
    )
}

function defineRotate(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('rotate <id>')
    .description('Makes another secret. Until --overlap is over both sign.')
    .option('--overlap <time>', 'how long the old one signs too (default: 24h)', durationArgument)
    .option('--now', 'the old one signs no more')
    .action((id: string, { overlap, now }: { overlap?: DurationMs; now?: true }) =>
      shell.withApi(async (api) => {
        const made = await api.call(webhooks.rotate, {
          params: { id },
          body: { overlapMs: now ? 0 : overlap },
        })
        const until = made.oldSecretEndsAt
        const old =
          until === null
            ? 'The old secret signs no more.'
            : `Until ${pointInTime(until)} the old secret signs too.`
        terminal.result(made, () => `${old} ${secretText(terminal, made)}`)
      }),
    )
}

function defineRemove(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('remove <id>')
    .description('Removes an endpoint, and what waits for it.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const removed = await api.call(webhooks.remove, { params: { id } })
        terminal.result({ removed }, () => `Removed webhook ${removed.id} (${removed.url}).`)
      }),
    )
}

function withChoices(command: Command): Command {
  const { batchEvents } = webhookLimits
  return command
    .option(
      '--types <names>',
      'only these, separated by commas, such as message.bounced or message.*; "" for every type',
      listArgument,
    )
    .option('--batch <number>', 'events in one request, at most', wholeNumber(1, batchEvents))
    .option('--batch-wait <time>', 'how long the first waits for others', durationArgument)
    .option('--note <text>', 'for people')
}

function bodyOf({ note, types, batch, batchWait }: Choices) {
  return { note, types, batchEvents: batch, batchWaitMs: batchWait }
}

function secretText(terminal: Terminal, { secret }: { readonly secret: string }): string {
  return `${terminal.styled('bold', 'The secret is not shown again.')}\n\n${terminal.styled('cyan', secret)}`
}

function listText(terminal: Terminal, all: readonly ListedWebhook[]): string {
  if (all.length === 0)
    return 'No webhook yet. Add one: posthaste webhook add https://example.com/webhooks'
  return table(
    terminal,
    ['ID', 'TENANT', 'STREAM', 'TYPES', 'STATE', 'URL'],
    all.map(({ id, tenant, stream, types, state, url }) => [
      id,
      tenant,
      stream ?? 'all',
      typesText(types),
      state === 'on' ? state : { text: state, style: 'yellow' },
      url,
    ]),
  )
}

/** `null`: no relay runs that would send anything, or it is just taking the endpoint up. */
async function stateOf(api: ApiClient, id: string): Promise<StateAnswer | null> {
  try {
    return await api.call(look, { params: { id } })
  } catch (thrown) {
    const { code } = thrown instanceof RelayError ? thrown : { code: null }
    if (code === 'RLY_RELAY_NOT_RUNNING' || code === 'RLY_BUSY') return null
    throw thrown
  }
}

function healthText({ failures, health, nextAttemptAt }: StateAnswer): string {
  if (health === 'up') return 'up'
  const next = nextAttemptAt === null ? '' : `, tried again at ${pointInTime(nextAttemptAt)}`
  return `down: ${failures} failures in a row${next}`
}

function textOf(terminal: Terminal, webhook: WebhookAnswer, now: StateAnswer | null): string {
  const { batchEvents, batchWaitMs, oldSecretEndsAt } = webhook
  const wait = formatDuration(batchWaitMs as DurationMs)
  return facts(terminal, [
    ['id', webhook.id],
    ['tenant', webhook.tenant],
    ['stream', webhook.stream ?? 'all'],
    ['url', webhook.url],
    ['types', typesText(webhook.types)],
    ['batch', batchEvents === 1 ? 'none' : `up to ${batchEvents} events within ${wait}`],
    ['state', webhook.isPaused ? { text: 'paused', style: 'yellow' } : 'on'],
    ['endpoint', now === null ? null : healthText(now)],
    ['waiting', now === null ? null : now.waiting],
    ['dead letters', now === null ? null : now.dead],
    ['old secret', oldSecretEndsAt === null ? null : `signs until ${pointInTime(oldSecretEndsAt)}`],
    ['note', webhook.note === '' ? null : webhook.note],
    ['added', pointInTime(webhook.createdAt)],
  ])
}

function typesText(types: readonly string[]): string {
  return types.length === 0 ? 'all' : types.join(' ')
}
