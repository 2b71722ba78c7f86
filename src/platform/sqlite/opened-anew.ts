// SPDX-License-Identifier: Apache-2.0
/** A small SQLite file that is made anew where it cannot be read: what it knew matters less than that the relay starts. */
import { rmSync } from 'node:fs'
import { isCorrupt } from '../journal/sqlite-failure.ts'

export function openedAnew<T>(file: string, open: (file: string) => T): T {
  try {
    return open(file)
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    return open(file)
  }
}
