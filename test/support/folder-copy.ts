// SPDX-License-Identifier: Apache-2.0
/** A folder as a kill would leave it, while its owner still works there. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../src/base/errors.ts'

/** What goes away while it is copied is left out. */
export function copyLiveFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyLiveFolder(source, target)
    else copyFile(source, target)
  }
}

function copyFile(source: string, target: string): void {
  try {
    copyFileSync(source, target)
  } catch (thrown) {
    // Its owner deleted it between the two looks.
    if (systemCode(thrown) !== 'ENOENT') throw thrown
  }
}
