// SPDX-License-Identifier: Apache-2.0
/** What the system allows this process. `null`: it does not say, being another one than Linux or an old one. */
import { readFileSync } from 'node:fs'

export interface SystemFacts {
  /** RLIMIT_NOFILE. Node has raised it as far as it may. */
  readonly openFiles: number | null
  /** Connections that a port keeps until they are taken. */
  readonly somaxconn: number | null
  /** Whether connections that wait for a worker which stops listening go to another one. */
  readonly handsOver: boolean | null
}

export function readSystemFacts(): SystemFacts {
  const handsOver = numberIn('/proc/sys/net/ipv4/tcp_migrate_req', /^(\d+)$/m)
  return {
    openFiles: numberIn('/proc/self/limits', /^Max open files +(\d+)/m),
    somaxconn: numberIn('/proc/sys/net/core/somaxconn', /^(\d+)$/m),
    handsOver: handsOver === null ? null : handsOver === 1,
  }
}

function numberIn(file: string, pattern: RegExp): number | null {
  try {
    const [, digits] = pattern.exec(readFileSync(file, 'utf8')) ?? []
    return digits === undefined ? null : Number(digits)
  } catch {
    // No such file: see above.
    return null
  }
}
