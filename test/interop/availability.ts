// SPDX-License-Identifier: Apache-2.0
/** Whether a program can be had here. */
import { messageOf } from '../../src/base/errors.ts'
import type { Table } from './matrix.ts'
import { fetched, type Origin, Unpacked, unpacked } from './packages.ts'

export interface Peer {
  readonly name: string
  /** `null`: comes with us. */
  readonly origin: Origin | null
  readonly needsRoot?: boolean
}

/** A build machine must have everybody, and says in red whom it has not. Elsewhere one line names them. */
export const isBuildMachine = process.env['CI'] !== undefined && process.env['CI'] !== ''

/** Of each peer its files, or why they cannot be had. */
export async function found<P extends Peer>(
  peers: readonly P[],
  fetches: boolean,
): Promise<ReadonlyMap<P, Unpacked | string>> {
  const files = new Map<P, Unpacked | string>()
  // One after the other: a package manager does one thing at a time.
  for (const peer of peers) files.set(peer, await filesOf(peer, fetches))
  return files
}

async function filesOf({ origin, needsRoot }: Peer, fetches: boolean): Promise<Unpacked | string> {
  if (needsRoot === true && process.getuid?.() !== 0) return 'it wants to be started by root'
  if (origin === null) return new Unpacked('/')
  if (!fetches) return unpacked(origin) ?? 'it is not here; npm run interop fetches it'
  try {
    return await fetched(origin)
  } catch (thrown) {
    return `it cannot be fetched: ${messageOf(thrown)}`
  }
}

export interface Part<P extends Peer> {
  readonly peers: readonly P[]
  readonly table: (peers: readonly P[], filesOf: (peer: P) => Unpacked | string) => Promise<Table>
}

/** A table, and a line about those that are left out of it. */
export async function filledTable<P extends Peer>(
  { peers, table }: Part<P>,
  fetches: boolean,
): Promise<{ readonly table: Table; readonly note: string | null }> {
  const files = await found(peers, fetches)
  const filesOf = (peer: P) => files.get(peer) ?? 'it was not looked for'
  const isShown = (peer: P) => fetches || typeof filesOf(peer) !== 'string'
  const missing = peers.filter((peer) => !isShown(peer))
  const names = missing.map((peer) => `${peer.name} (${filesOf(peer)})`)
  return {
    table: await table(peers.filter(isShown), filesOf),
    note: names.length === 0 ? null : `Left out: ${names.join(', ')}.`,
  }
}
