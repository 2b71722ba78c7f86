// SPDX-License-Identifier: Apache-2.0
/** The changes of a folder that `disk-shim.c` wrote down, in order. Paths are relative to the folder. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

export type TracedChange =
  | { readonly kind: 'make' | 'unlink'; readonly path: string }
  | { readonly kind: 'sync' | 'synced'; readonly path: string; readonly descriptor: number }
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly octets: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

const HEAD_OCTETS = 17

export function readTrace(file: string, folder: string): readonly TracedChange[] {
  const octets = readFileSync(file)
  const changes: TracedChange[] = []
  for (let at = 0; at < octets.length; ) {
    const pathOctets = octets.readUInt32LE(at + 1)
    const number = Number(octets.readBigUInt64LE(at + 5))
    const pathAt = at + HEAD_OCTETS
    const dataAt = pathAt + pathOctets
    const end = dataAt + octets.readUInt32LE(at + 13)
    const path = relative(folder, octets.toString('utf8', pathAt, dataAt))
    // Shared memory: nothing of it outlives its process.
    if (!path.endsWith('-shm'))
      changes.push(
        changeOf(
          String.fromCharCode(octets[at] ?? 0),
          path,
          number,
          octets.subarray(dataAt, end),
          folder,
        ),
      )
    at = end
  }
  return changes
}

function changeOf(
  operation: string,
  path: string,
  number: number,
  data: Buffer,
  folder: string,
): TracedChange {
  switch (operation) {
    case 'C':
      return { kind: 'make', path }
    case 'U':
      return { kind: 'unlink', path }
    case 'S':
      return { kind: 'sync', path, descriptor: number }
    case 's':
      return { kind: 'synced', path, descriptor: number }
    case 'W':
      return { kind: 'write', path, at: number, octets: data }
    case 'T':
      return { kind: 'truncate', path, size: number }
    case 'R':
      return { kind: 'rename', path, to: relative(folder, data.toString()) }
    default:
      throw new Error(`an operation of no known kind: ${operation}`)
  }
}
