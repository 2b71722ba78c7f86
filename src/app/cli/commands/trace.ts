// SPDX-License-Identifier: Apache-2.0
/** `posthaste trace`: everything that happened to one message, with what was said. */
import type { Command } from 'commander'
import * as messageSearch from '../../../api/resources/message-search.ts'
import { RelayError } from '../../../base/errors.ts'
import type { Event } from '../../../events/event.ts'
import { parseMessageId } from '../../../events/ids.ts'
import { eventDetails, eventLine } from '../event-lines.ts'
import type { Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .argument('<message>', 'message id, as "send", "tail" and the reply to DATA say it')
    .option('--brief', 'one line an event, without the conversation')
    .action(async (message: string, { brief }: { brief?: true }) => {
      const answer = await eventsOf(shell, message)
      shell.terminal.result(answer, (terminal) =>
        answer.events
          .flatMap((event) => [
            eventLine(terminal, event),
            ...(brief ? [] : eventDetails(terminal, event)),
          ])
          .join('\n'),
      )
    })
}

/** On this host the journals are asked, which the search view is a little behind. */
async function eventsOf(shell: Shell, message: string): Promise<{ events: readonly Event[] }> {
  if (parseMessageId(message) === null)
    throw new RelayError(
      'RLY_USAGE',
      `"${message}" is not a message id: expected 26 letters and digits`,
    )
  if (!shell.isRemote) return (await shell.relay()).get('/v1/trace', { message })
  const { events } = await shell.withApi((api) =>
    api.call(messageSearch.show, { params: { id: message } }),
  )
  return { events: events as unknown as readonly Event[] }
}
