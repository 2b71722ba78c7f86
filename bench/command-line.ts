// SPDX-License-Identifier: Apache-2.0
/** What all benchmarks read from their command line, and the folder that they work in. Wrong usage: a sentence, and 64. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

const USAGE_EXIT = 64
const TMPFS = 0x01021994
/** A sample message has a header and two parts, however short it is. */
const LEAST_OCTETS = 2_000

/** Beside those of each benchmark. */
const common = {
  dir: { type: 'string', default: tmpdir() },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const COMMON_HELP = `  --dir <folder>        for the spool, on a disk (default: the system's temporary folder)
  --json                the result as one line of JSON
  --help                this`

/** Parses; prints `help`, which lists the benchmark's own options, and ends where it was asked for. */
export function commandLine<const T extends ParseArgsOptionsConfig>(help: string, options: T) {
  const values = parsed({ ...options, ...common })
  if (!('help' in values) || values.help !== true) return values
  console.log(`${help}\n${COMMON_HELP}`)
  return process.exit(0)
}

/** From 1. */
export function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text)
  return wrongUsage(`--${name} ${text}: expected a whole number from 1 to 99999999`)
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

export function wrongUsage(sentence: string): never {
  console.error(sentence)
  return process.exit(USAGE_EXIT)
}

function parsed<const T extends ParseArgsOptionsConfig>(options: T) {
  try {
    return parseArgs({ options }).values
  } catch (thrown) {
    // Unknown, or without its value: it says which.
    return wrongUsage(`${(thrown as Error).message}\nTry --help.`)
  }
}
