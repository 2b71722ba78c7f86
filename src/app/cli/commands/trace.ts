// SPDX-License-Identifier: Apache-2.0
/** `posthaste trace`: everything that happened to one message, with what was said. */
import type { Command } from 'commander'
import type { Event } from '../../../events/event.ts'
import { eventDetails, eventLine } from '../event-lines.ts'
import type { Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .argument('<message>', 'message id, as "send", "tail" and the reply to DATA say it')
    .option('--brief', 'one line an event, without the conversation')
    .action(async (message: string, { brief }: { brief?: true }) => {
      const relay = await shell.relay()
      const answer = await relay.get<{ events: readonly Event[] }>('/v1/trace', { message })
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
