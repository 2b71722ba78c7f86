// SPDX-License-Identifier: Apache-2.0
/** The product's version, from the package.json beside it. */
import { readFileSync } from 'node:fs'

export function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return version
}
