// SPDX-License-Identifier: Apache-2.0
/** Reads a password from a file of its own, such as systemd's LoadCredential makes. */
import { readFileSync, statSync } from 'node:fs'

const OTHERS = 0o007

/** Without its line end. Throws where it is missing or everybody's. */
export function readPassword(file: string): string {
  const text = readFileSync(file, 'utf8').trimEnd()
  if ((statSync(file).mode & OTHERS) !== 0)
    throw new Error(`${file} is open to everybody; run: chmod o= ${file}`)
  if (text === '') throw new Error(`${file} is empty`)
  return text
}
