// SPDX-License-Identifier: Apache-2.0
/** Real material that lies beside the repository; not everybody has it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder, or `null` with a line that says so. */
export function corpus(name: string): string | null {
  const folder = fileURLToPath(new URL(`../../../shared/corpora/${name}`, import.meta.url))
  if (existsSync(folder)) return folder
  console.log(`skipped: no ../shared/corpora/${name}`)
  return null
}

/** All files below a folder, by their names in it. */
export function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted())
    if (statSync(`${folder}/${name}`).isFile()) files.set(name, readFileSync(`${folder}/${name}`))
  return files
}

/** Line ends as SMTP has them: no CR or LF stands alone. */
export function withCrlf(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1')
}
