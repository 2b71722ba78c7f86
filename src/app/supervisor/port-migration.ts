// SPDX-License-Identifier: Apache-2.0
/**
 * Connections that the kernel has accepted for a worker which then stops listening go to another worker only where the
 * kernel is told so; else their clients see a reset.
 */
import { readFileSync } from 'node:fs'

const SETTING = '/proc/sys/net/ipv4/tcp_migrate_req'

/** A sentence for the log where it is not so; `null` where it is. */
export function portMigrationAdvice(): string | null {
  try {
    if (readFileSync(SETTING, 'utf8').trim() === '1') return null
  } catch {
    // An old kernel, or not Linux.
    return 'this kernel does not hand over waiting connections: replacing a worker may reset a few'
  }
  return 'replacing a worker may reset a few connections; "sysctl net.ipv4.tcp_migrate_req=1" prevents it'
}
