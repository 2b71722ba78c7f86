// SPDX-License-Identifier: Apache-2.0
/** `posthaste tail`: events as they happen, filtered. */
import type { Command } from 'commander'
import { remoteEvents } from '../../../api/client/remote-events.ts'
import type { ControlClient } from '../../../api/control-client.ts'
import { SystemClock } from '../../../base/clock.ts'
import { RelayError, systemCode } from '../../../base/errors.ts'
import { anyGlob, type Glob, globOf } from '../../../base/glob.ts'
import type { Event } from '../../../events/event.ts'
import { recipientsOf } from '../../../events/event-facts.ts'
import { typePatternProblem, typePatternsIn } from '../../../events/event-types.ts'
import { eventLine } from '../event-lines.ts'
import type { Shell } from '../shell.ts'

interface TailFlags {
  readonly type?: string
  readonly tenant?: string
  readonly stream?: string
  readonly recipient?: string
  readonly message?: string
  readonly fromStart?: true
}

const HELP = `
Examples:
  posthaste tail --type deferred
  posthaste tail --recipient '*@example.net' --json`

export function define(command: Command, shell: Shell): void {
  command
    .option(
      '--type <types>',
      'received, delivered, deferred, bounced, expired, rejected, or patterns with *; several with commas',
    )
    .option('--tenant <tenant>', 'of one tenant')
    .option('--stream <stream>', 'of one stream')
    .option('--recipient <address>', 'to an address, or a pattern with *')
    .option('--message <id>', 'of one message')
    .option('--from-start', 'everything that is kept, then what comes')
    .addHelpText('after', HELP)
    .action(async (flags: TailFlags) => {
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      process.stdout.once('error', () => stop.abort())
      const isWanted = filterOf(flags)
      if (shell.terminal.isInteractive) shell.terminal.note('Waiting for events; Ctrl-C ends.')
      try {
        for await (const event of await eventsFor(shell, flags, stop.signal)) {
          if (isWanted(event))
            shell.terminal.result(event, (terminal) => eventLine(terminal, event))
        }
      } catch (thrown) {
        // Ended by Ctrl-C or a closed pipe, or the relay has stopped.
        if (stop.signal.aborted) return
        if (systemCode(thrown) !== 'ECONNRESET') throw thrown
        shell.terminal.note('The relay has stopped.')
      }
    })
}

async function eventsFor(
  shell: Shell,
  { fromStart, tenant }: TailFlags,
  signal: AbortSignal,
): Promise<AsyncIterable<Event>> {
  const remote = shell.remote()
  if (remote === null) return localEvents(await shell.relay(), fromStart === true, signal)
  const query = { ...(tenant !== undefined && { tenant }), ...(fromStart && { after: 'oldest' }) }
  return remoteEvents({ ...remote, query, clock: new SystemClock(), signal })
}

async function* localEvents(
  relay: ControlClient,
  fromStart: boolean,
  signal: AbortSignal,
): AsyncIterable<Event> {
  const path = fromStart ? '/v1/tail?from=oldest' : '/v1/tail'
  for await (const line of relay.lines(path, signal)) yield JSON.parse(line) as Event
}

function filterOf(flags: TailFlags): (event: Event) => boolean {
  const types = flags.type === undefined ? null : typesIn(flags.type)
  const recipient = flags.recipient === undefined ? null : globOf(flags.recipient)
  return (event) => {
    if (types !== null && !anyGlob(types, event.type)) return false
    if (flags.tenant !== undefined && event.tenant !== flags.tenant) return false
    if (flags.stream !== undefined && !('stream' in event && event.stream === flags.stream))
      return false
    if (
      flags.message !== undefined &&
      !('messageId' in event && event.messageId === flags.message.toUpperCase())
    )
      return false
    return recipient === null || recipientsOf(event).some((address) => recipient.matches(address))
  }
}

/** Throws `RLY_USAGE` for what is no type. */
function typesIn(list: string): readonly Glob[] {
  return typePatternsIn(list).map((pattern) => {
    const problem = typePatternProblem(pattern)
    if (problem !== null) throw new RelayError('RLY_USAGE', problem)
    return globOf(pattern)
  })
}
