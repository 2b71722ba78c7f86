// SPDX-License-Identifier: Apache-2.0
/** `posthaste events`: what happened, found by what it is about. */
import type { Command } from 'commander'
import * as events from '../../../api/resources/events.ts'
import { RelayError } from '../../../base/errors.ts'
import type { Event } from '../../../events/event.ts'
import { eventDetails, eventLine } from '../event-lines.ts'
import type { Shell } from '../shell.ts'

interface EventsFlags {
  readonly type?: string
  readonly tenant?: string
  readonly stream?: string
  readonly campaign?: string
  readonly tag?: string
  readonly recipient?: string
  readonly message?: string
  readonly provider?: string
  readonly since?: string
  readonly until?: string
  readonly limit: string
  readonly details?: true
}

const HELP = `
Examples:
  posthaste events --recipient jane@example.net
  posthaste events --type bounced,expired --since 2026-01-31T12:00:00Z
  posthaste events --tag welcome --json`

const LONGEST_PAGE = 500

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .option('--type <types>', 'such as bounced, or patterns with *; several with commas')
    .option('--tenant <tenant>', 'of one tenant')
    .option('--stream <stream>', 'of one stream')
    .option('--campaign <campaign>', 'of one campaign')
    .option('--tag <tag>', 'of messages with a tag')
    .option('--recipient <address>', 'to an address')
    .option('--message <id>', 'of one message')
    .option('--provider <name>', 'at one provider or site')
    .option('--since <time>', 'RFC 3339, such as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'not included')
    .option('--limit <count>', 'how many, the newest', '50')
    .option('--details', 'with the dialogs')
    .addHelpText('after', HELP)
    .action((flags: EventsFlags) =>
      shell.withApi(async (api) => {
        const { limit, details, ...query } = flags
        const wanted = countIn(limit)
        const found: Event[] = []
        let cursor: string | undefined
        do {
          const size = Math.min(wanted - found.length, LONGEST_PAGE)
          const page = await api.call(events.list, { query: { ...query, limit: size, cursor } })
          found.push(...(page.items as unknown as Event[]))
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined && found.length < wanted)
        found.reverse()
        if (terminal.isJson) for (const event of found) terminal.line(JSON.stringify(event))
        else if (found.length === 0)
          terminal.line('No such event is kept. "posthaste tail" shows what comes.')
        else
          for (const event of found) {
            terminal.line(eventLine(terminal, event))
            if (details) for (const line of eventDetails(terminal, event)) terminal.line(line)
          }
      }),
    )
}

function countIn(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new RelayError('RLY_USAGE', `--limit ${text}: expected a number from 1 to 999999`)
}
