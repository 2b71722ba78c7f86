// SPDX-License-Identifier: Apache-2.0
/** What lies where in the data directory. */
import { join } from 'node:path'
import type { JournalId } from '../events/ids.ts'

export function storeFile(dataDir: string): string {
  return join(dataDir, 'store.sqlite')
}

export function journalFolder(dataDir: string, journal: JournalId): string {
  return join(dataDir, `journal-${String(journal).padStart(5, '0')}`)
}

/** Octets: `sun_path` of unix(7), less its final NUL. */
export const LONGEST_SOCKET_PATH = 107

/** At most `LONGEST_SOCKET_PATH`, or nobody can connect; the configuration is checked for it. */
export function controlSocketFile(dataDir: string): string {
  return join(dataDir, 'control.sock')
}
