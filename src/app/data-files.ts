// SPDX-License-Identifier: Apache-2.0
/** What lies where in the data directory. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type JournalId, journalId } from '../events/ids.ts'

export function storeFile(dataDir: string): string {
  return join(dataDir, 'store.sqlite')
}

export function journalFolder(dataDir: string, journal: JournalId): string {
  return join(dataDir, `journal-${String(journal).padStart(5, '0')}`)
}

/** How mail of that journal ended of late, as its worker has counted it for brakes. May be deleted at any time. */
export function endsFile(dataDir: string, journal: JournalId): string {
  return join(journalFolder(dataDir, journal), 'ends.json')
}

/** The search view: made anew from the journals where it is deleted. */
export function searchFile(dataDir: string): string {
  return join(dataDir, 'search.sqlite')
}

/** How far endpoints of webhooks are, and what is under way to them. */
export function webhooksFile(dataDir: string): string {
  return join(dataDir, 'webhooks.sqlite')
}

/** Up to where events were written as lines. */
export function linesPositionFile(dataDir: string): string {
  return join(dataDir, 'event-lines.position')
}

/** To which domains mail of each credential has gone, as a worker knows it. May be deleted: then it is learnt again. */
export function knownDomainsFile(dataDir: string, worker: number): string {
  return join(dataDir, `known-domains-${worker}`)
}

/** What V8 compiled, so that the next process needs not. May be deleted at any time. */
export function compileCacheFolder(dataDir: string): string {
  return join(dataDir, 'compiled')
}

/** Octets: `sun_path` of unix(7), less its final NUL. */
export const LONGEST_SOCKET_PATH = 107

/** Those that are there, in order. */
export function journalsIn(dataDir: string): readonly JournalId[] {
  const numbers = readdirSync(dataDir).flatMap((name) => /^journal-(\d{5})$/.exec(name)?.[1] ?? [])
  return numbers.map((number) => journalId(Number(number))).sort((one, other) => one - other)
}

/** At most `LONGEST_SOCKET_PATH`, or nobody can connect; the configuration is checked for it. */
export function controlSocketFile(dataDir: string): string {
  return join(dataDir, 'control.sock')
}

/** By which workers pass requests of the API on to the control process. */
export function apiSocketFile(dataDir: string): string {
  return join(dataDir, 'api.sock')
}

/** By which the control process asks a worker. Its name is never longer than that of the control socket. */
export function workerSocketFile(dataDir: string, index: number): string {
  return join(dataDir, `w${index}.sock`)
}
