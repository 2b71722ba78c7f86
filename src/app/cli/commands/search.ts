// SPDX-License-Identifier: Apache-2.0
/** `posthaste search`: messages by recipient, Message-ID or id, with what became of them. */
import type { Command } from 'commander'
import type { ApiClient } from '../../../api/client/api-client.ts'
import * as messages from '../../../api/resources/message-search.ts'
import type { Event } from '../../../events/event.ts'
import { parseMessageId } from '../../../events/ids.ts'
import { eventLine } from '../event-lines.ts'
import { pointInTime, type StyledCell, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Style, Terminal } from '../terminal.ts'

interface SearchFlags {
  readonly tenant?: string
  readonly limit: string
}

const HELP = `
Examples:
  posthaste search jane@example.net
  posthaste search '<4711@shop.example>'`

const styles: Readonly<Record<string, Style>> = {
  delivered: 'green',
  deferred: 'yellow',
  waiting: 'yellow',
  bounced: 'red',
  expired: 'red',
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .argument('<what>', 'a recipient, a Message-ID with < and >, or the id of a message')
    .option('--tenant <tenant>', 'of one tenant')
    .option('--limit <count>', 'how many, the newest', '25')
    .addHelpText('after', HELP)
    .action((what: string, flags: SearchFlags) =>
      shell.withApi(async (api) => {
        if (parseMessageId(what) !== null) return showOne(api, terminal, what)
        const by = what.startsWith('<') ? { headerMessageId: what } : { recipient: what }
        const { items } = await api.call(messages.find, { query: { ...flags, ...by } })
        terminal.result(items, () => listText(terminal, what, items))
      }),
    )
}

async function showOne(api: ApiClient, terminal: Terminal, id: string): Promise<void> {
  const shown = await api.call(messages.show, { params: { id } })
  const events = shown.events as unknown as readonly Event[]
  terminal.result(shown, () => events.map((event) => eventLine(terminal, event)).join('\n'))
}

function listText(
  terminal: Terminal,
  what: string,
  items: readonly messages.MessageAnswer[],
): string {
  if (items.length === 0)
    return `No message ${what.startsWith('<') ? 'with' : 'to'} ${what} is kept.`
  return table(
    terminal,
    ['RECEIVED', 'MESSAGE', 'RECIPIENT', 'STATE', 'SUBJECT'],
    items.flatMap(({ receivedAt, id, recipients, subject }) =>
      recipients.map(({ recipient, state }) => [
        pointInTime(receivedAt),
        id,
        recipient,
        stateCell(state),
        subject ?? '',
      ]),
    ),
  )
}

function stateCell(state: string): StyledCell {
  return { text: state, style: styles[state] ?? 'bold' }
}
