// SPDX-License-Identifier: Apache-2.0
/** Errors as a person or a script reads them, and exit codes (sysexits.h). */
import { CommanderError } from 'commander'
import { type ErrorCode, errorKinds, messageOf, RelayError } from '../../base/errors.ts'
import { printable } from './layout.ts'
import type { Terminal } from './terminal.ts'

/** EX_SOFTWARE: a bug of ours. */
const BUG = 70

/** What to do next, where the error's own words do not say it. */
const advice: Partial<Record<ErrorCode, string>> = {
  RLY_CONFIG_MISSING: '"posthaste init" writes one; "--config FILE" names another.',
  RLY_CONFIG_INVALID: 'Every key with its default stands in config/posthaste.example.toml.',
  RLY_DATA_DIR_MISSING: '"posthaste init" makes a new installation.',
  RLY_RELAY_NOT_RUNNING: '"posthaste serve" starts it.',
  RLY_USAGE: '"posthaste --help" lists the commands, "posthaste COMMAND --help" their options.',
}

/** Says on standard error what was thrown; gives the exit code. */
export function reportFailure(terminal: Terminal, thrown: unknown): number {
  if (thrown instanceof CommanderError) return reportUsage(terminal, thrown)
  if (!(thrown instanceof RelayError)) {
    const message = `this should not happen: ${messageOf(thrown)}`
    report(terminal, { code: 'INTERNAL', message }, stackOf(thrown))
    return BUG
  }
  const { code, details, message } = thrown
  report(terminal, { code, message, ...details }, advice[code])
  return thrown.exitCode
}

/** Help and version are thrown as well. */
function reportUsage(terminal: Terminal, thrown: CommanderError): number {
  if (thrown.exitCode === 0) return 0
  const { exitCode } = errorKinds.RLY_USAGE
  // The list of commands was asked for by naming none, and is printed.
  if (thrown.code === 'commander.help') return exitCode
  const text = thrown.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, '; did you mean $1?')
  report(terminal, { code: 'RLY_USAGE', message: text }, advice.RLY_USAGE)
  return exitCode
}

function report(
  terminal: Terminal,
  error: { readonly code: string; readonly message: string },
  more: string | undefined,
): void {
  if (terminal.isJson) {
    terminal.note(JSON.stringify({ error }))
    return
  }
  const [first = '', ...others] = error.message.split('\n').map(printable)
  terminal.note(terminal.styledNote('red', `posthaste: ${first}`))
  for (const line of others) terminal.note(terminal.styledNote('red', `posthaste: ${line}`))
  if (more !== undefined) terminal.note(more)
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? '') : ''
}
