// SPDX-License-Identifier: Apache-2.0
/** Other people's programs, where they are installed. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where servers are kept, also where that is not in a user's PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

/** The whole path of a program, or `null`. */
export function programNamed(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // Not there, or not for us.
    return false
  }
}
