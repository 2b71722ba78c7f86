// SPDX-License-Identifier: Apache-2.0
/** What a supervised process tells its supervisor, over Node's channel between parent and child. */

/** Raised when the shape changes: a process of another version is not understood, and replaced. */
export const REPORT_VERSION = 1

/** It listens and works. Sent once. */
export interface ReadyReport {
  readonly version: typeof REPORT_VERSION
  readonly kind: 'ready'
  /** Where it listens for others than itself; 0 where it does not. */
  readonly port: number
}

export function reportReady(port: number): void {
  const report: ReadyReport = { version: REPORT_VERSION, kind: 'ready', port }
  // A supervisor that has just gone gets no report; `runUntilSignal` sees to the end.
  process.send?.(report, undefined, undefined, () => {})
}

export function isReadyReport(message: unknown): message is ReadyReport {
  if (typeof message !== 'object' || message === null) return false
  return (
    'version' in message &&
    message.version === REPORT_VERSION &&
    'kind' in message &&
    message.kind === 'ready'
  )
}
