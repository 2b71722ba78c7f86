// SPDX-License-Identifier: Apache-2.0
/** A log that a test reads. */
import { createLog, type Log } from '../../src/base/log.ts'

export interface KeptLine {
  readonly level: string
  readonly text: string
  /** Of a damaged record: what it was. */
  readonly damage?: string
}

export function keptLog(): { readonly log: Log; readonly lines: readonly KeptLine[] } {
  const lines: KeptLine[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  return { log: createLog('debug', { write }), lines }
}
