// SPDX-License-Identifier: Apache-2.0
/**
 * Where tests write. They sync to disk thousands of times, since the program does before each 250, and no test cuts the power
 * (test/faults replays what was synced instead): on a disk that several of them share they mostly wait for it.
 *
 * Known limits: Linux; where the memory has little room, or runs no programs, as in some containers, tests write to the disk.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const LEAST_ROOM = 4 * 1_024 ** 3

/** A fresh folder in memory that goes with this process, or the system's own for such files. */
export function memoryFolder(): string {
  if (!hasRoom()) return tmpdir()
  const folder = mkdtempSync(join(MEMORY, 'posthaste-'))
  // Other people's programs run as users of their own, and have folders of theirs in it.
  chmodSync(folder, 0o711)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  return runsPrograms(folder) ? folder : tmpdir()
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= LEAST_ROOM
  } catch {
    // No such folder here.
    return false
  }
}

/** Tests compile a library there. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, 'program')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
  const { status } = spawnSync(program)
  rmSync(program)
  return status === 0
}
