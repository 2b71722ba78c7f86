// SPDX-License-Identifier: Apache-2.0
/** `posthaste webhook test|deliveries|dead|replay`: what was sent, and sending it again. */
import type { Command } from 'commander'
import * as routes from '../../../api/resources/webhook-deliveries.ts'
import { RelayError } from '../../../base/errors.ts'
import { wholeNumber } from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface ReplayOptions {
  readonly since?: string
  readonly dead?: string[] | true
}

const REPLAY_HELP = `
Examples:
  posthaste webhook replay 7F1HBXWACE --since 2027-01-31T12:00:00Z
  posthaste webhook replay 7F1HBXWACE --dead          all dead letters
  posthaste webhook replay 7F1HBXWACE --dead 4T9QX0M2W7B1KZ5R8C3V6N1D2H

With --since what happens meanwhile comes after what is sent again.`

export function defineDeliveries(command: Command, shell: Shell): void {
  defineTest(command, shell)
  defineLog(command, shell)
  defineDead(command, shell)
  defineReplay(command, shell)
}

function defineTest(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('test <id>')
    .description('Sends one request of the type webhook.test, and says what came of it.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const done = await api.call(routes.test, { params: { id } })
        terminal.result(done, () => attemptText(terminal, done, null))
      }),
    )
}

function defineLog(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('deliveries <id> [delivery]')
    .description('Lists the last requests to an endpoint, the newest first; or shows one of them.')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 500), 50)
    .action((id: string, delivery: string | undefined, { limit }: { readonly limit: number }) =>
      shell.withApi(async (api) => {
        if (delivery !== undefined) {
          const one = await api.call(routes.delivery, { params: { id, number: delivery } })
          terminal.result(one, () => attemptText(terminal, one, one.body))
          return
        }
        const page = await api.call(routes.deliveries, { params: { id }, query: { limit } })
        terminal.result(page, () => {
          if (page.items.length === 0) return 'Nothing was sent yet.'
          return table(
            terminal,
            ['ID', 'TIME', 'REQUEST', 'EVENTS', 'ATTEMPT', 'ANSWER', 'MS'],
            page.items.map((one) => [
              one.id,
              pointInTime(one.at),
              one.webhookId,
              one.events.length,
              one.attempt,
              { text: answerOf(one), style: isTaken(one) ? 'green' : 'yellow' },
              one.durationMs,
            ]),
          )
        })
      }),
    )
}

function defineDead(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('dead <id>')
    .description('Lists requests that an endpoint has not taken for three days.')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 500), 100)
    .action((id: string, { limit }: { readonly limit: number }) =>
      shell.withApi(async (api) => {
        const page = await api.call(routes.dead, { params: { id }, query: { limit } })
        terminal.result(page, () => {
          if (page.items.length === 0) return 'No dead letter.'
          return table(
            terminal,
            ['ID', 'SINCE', 'REQUEST', 'EVENTS', 'ATTEMPTS', 'LAST ANSWER'],
            page.items.map((one) => [
              one.id,
              pointInTime(one.deadAt),
              one.webhookId,
              one.events.length,
              one.attempts,
              one.why,
            ]),
          )
        })
      }),
    )
}

function defineReplay(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('replay <id>')
    .description('Sends again what happened since a time, or dead letters.')
    .option('--since <time>', 'everything since then')
    .option('--dead [ids...]', 'dead letters, all or these')
    .addHelpText('after', REPLAY_HELP)
    .action((id: string, { since, dead }: ReplayOptions) =>
      shell.withApi(async (api) => {
        if ((since === undefined) === (dead === undefined))
          throw new RelayError('RLY_USAGE', 'say what to send again: --since TIME, or --dead')
        const body = { since, dead: dead === true ? 'all' : dead }
        const asked = await api.call(routes.replay, { params: { id }, body })
        terminal.result(asked, () =>
          asked.since === null
            ? `${asked.dead} dead letters are sent again.`
            : `Everything since ${pointInTime(asked.since)} is sent again.`,
        )
      }),
    )
}

function attemptText(terminal: Terminal, one: routes.AttemptAnswer, body: string | null): string {
  return facts(terminal, [
    ['time', pointInTime(one.at)],
    ['request', one.webhookId],
    ['events', one.events.length === 0 ? null : one.events.join(' ')],
    ['attempt', one.attempt],
    ['url', one.url],
    ['answer', { text: answerOf(one), style: isTaken(one) ? 'green' : 'yellow' }],
    ['it said', one.answer === '' ? null : one.answer],
    ['duration', `${one.durationMs} ms`],
    ['body', body],
  ])
}

function answerOf({ status, why }: routes.AttemptAnswer): string {
  return status === null ? (why ?? 'none') : String(status)
}

function isTaken({ status }: routes.AttemptAnswer): boolean {
  return status !== null && status >= 200 && status < 300
}
