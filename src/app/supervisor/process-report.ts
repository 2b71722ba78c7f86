// SPDX-License-Identifier: Apache-2.0
/**
 * What a supervised process and its supervisor tell each other, over Node's channel between parent and child: it says
 * that it is ready; a spare says that it has loaded, and is told what to become.
 */

/** Raised when a shape changes: a process of another version is not understood, and replaced. */
export const REPORT_VERSION = 2

/** It listens and works. Sent once. */
export interface ReadyReport {
  readonly version: typeof REPORT_VERSION
  readonly kind: 'ready'
  /** Where it listens for others than itself; 0 where it does not. */
  readonly port: number
}

/** A spare has loaded the program and waits. Sent once. */
interface LoadedReport {
  readonly version: typeof REPORT_VERSION
  readonly kind: 'loaded'
}

/** To a spare. */
export interface Assignment {
  readonly version: typeof REPORT_VERSION
  readonly kind: 'become'
  /** `worker:0/4`, `control:4`. */
  readonly role: string
  /** Of the listeners, that workers share. */
  readonly ports: readonly number[]
}

export function reportReady(port: number): void {
  tell({ version: REPORT_VERSION, kind: 'ready', port })
}

export function reportLoaded(): void {
  tell({ version: REPORT_VERSION, kind: 'loaded' })
}

/** A supervisor that has just gone gets no report; `runUntilSignal` sees to the end. */
function tell(report: ReadyReport | LoadedReport): void {
  process.send?.(report, undefined, undefined, () => {})
}

export function isReadyReport(message: unknown): message is ReadyReport {
  return isKind(message, 'ready')
}

export function isLoadedReport(message: unknown): boolean {
  return isKind(message, 'loaded')
}

export function isAssignment(message: unknown): message is Assignment {
  return isKind(message, 'become')
}

function isKind(message: unknown, kind: string): boolean {
  if (typeof message !== 'object' || message === null) return false
  return (
    'version' in message &&
    message.version === REPORT_VERSION &&
    'kind' in message &&
    message.kind === kind
  )
}
