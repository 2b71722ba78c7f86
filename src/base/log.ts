// SPDX-License-Identifier: Apache-2.0
/**
 * Operational log lines, JSON by pino. *warn* means that an operator should act; *error* means that mail or
 * data is at risk. Never content, never credentials. What happens to mail is an event, not a log call.
 */
import { type DestinationStream, pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, text: string): void
  info(fields: Readonly<Record<string, unknown>>, text: string): void
  warn(fields: Readonly<Record<string, unknown>>, text: string): void
  error(fields: Readonly<Record<string, unknown>>, text: string): void
  child(fields: Readonly<Record<string, unknown>>): Log
}

/** Lines go to `destination`, by default standard error; `info` and below are buffered. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'text',
  }
  return pino(options, destination ?? pino.destination({ dest: 2, sync: true }))
}

/** Swallows everything; for tests and short commands. */
export const silentLog: Log = createLog('silent')
