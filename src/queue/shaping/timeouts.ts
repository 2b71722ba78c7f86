// SPDX-License-Identifier: Apache-2.0
/** How long a receiver may take for each step, as rules say it. Where none does, or one unsets it: as RFC 5321 §4.5.3.2 has it. */
import type { DurationMs } from '../../base/brand.ts'
import { clientTimeouts } from '../../base/limits/limits.ts'

/** Milliseconds. */
export type Timeouts = Readonly<Record<keyof typeof clientTimeouts, number>>

/** Names among limits, and in a session. */
export const timeoutNames = {
  connectTimeout: 'connectMs',
  greetingTimeout: 'greetingMs',
  ehloTimeout: 'ehloMs',
  startTlsTimeout: 'startTlsMs',
  mailTimeout: 'mailMs',
  rcptTimeout: 'rcptMs',
  dataTimeout: 'dataMs',
  dataBlockTimeout: 'dataBlockMs',
  endOfDataTimeout: 'endOfDataMs',
  quitTimeout: 'quitMs',
} as const satisfies Record<string, keyof Timeouts>

export type TimeoutName = keyof typeof timeoutNames

/** `null`: unset. */
export type TimeoutValues = { readonly [Name in TimeoutName]: DurationMs | null }

/** In the order of a session. */
export const allTimeouts = Object.keys(timeoutNames) as readonly TimeoutName[]

export function isTimeout(name: string): name is TimeoutName {
  return Object.hasOwn(timeoutNames, name)
}

/** Once a connection. */
export function timeoutsOf(
  settings: {
    readonly [Name in TimeoutName]?: { readonly value: DurationMs | null }
  },
): Timeouts {
  const said = allTimeouts.flatMap((name) => {
    const value = settings[name]?.value ?? null
    return value === null ? [] : [[timeoutNames[name], value]]
  })
  return said.length === 0 ? clientTimeouts : { ...clientTimeouts, ...Object.fromEntries(said) }
}
