// SPDX-License-Identifier: Apache-2.0
/** What all benchmarks with a folder read from their command line, and that folder. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ParseArgsOptionsConfig } from 'node:util'
import { programOptions, wrongUsage } from '../test/support/program-options.ts'

const TMPFS = 0x01021994
/** A sample message has a header and two parts, however short it is. */
const LEAST_OCTETS = 2_000

/** Beside those of each benchmark. */
const common = {
  dir: { type: 'string', default: tmpdir() },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const COMMON_HELP = `  --dir <folder>        for the spool, on a disk (default: the system's temporary folder)
  --json                the result as one line of JSON`

/** `help` lists the benchmark's own options. */
export function commandLine<const T extends ParseArgsOptionsConfig>(help: string, options: T) {
  return programOptions(`${help}\n${COMMON_HELP}`, { ...options, ...common })
}

/** Octets of content: `4k`, `51200`. */
export function contentSize(name: string, text: string): number {
  const match = /^(\d{1,7})(k?)$/i.exec(text.trim())
  const octets = Number(match?.[1]) * (match?.[2] === '' ? 1 : 1_024)
  if (octets >= LEAST_OCTETS) return octets
  return wrongUsage(`--${name} ${text}: expected octets such as 4k or 51200, at least 2000`)
}

/** Removed with all that is in it at the end of the scope. Says so where nothing in it would be durable. */
export function workFolder(dir: string, benchmark: string): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(dir, `posthaste-${benchmark}-`))
  if (statfsSync(path).type === TMPFS)
    console.error(
      `${path} is in memory: nothing here is durable. Name a folder on a disk by --dir.`,
    )
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
