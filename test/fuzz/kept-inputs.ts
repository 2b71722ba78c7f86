// SPDX-License-Identifier: Apache-2.0
/**
 * Inputs that are kept in the repository: `corpus/TARGET.txt` for those that reach something no other reaches,
 * `findings/TARGET.txt` for those that broke something once. A line is a JSON string, a character an octet; other lines
 * are remarks.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Kind = 'corpus' | 'findings'

function fileOf(kind: Kind, target: string): string {
  return join(import.meta.dirname, kind, `${target}.txt`)
}

export function readInputs(kind: Kind, target: string): Buffer[] {
  const file = fileOf(kind, target)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('"'))
    .map((line) => Buffer.from(JSON.parse(line) as string, 'latin1'))
}

export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  const lines = inputs.map((input) => written(input)).toSorted()
  writeFileSync(fileOf('corpus', target), lines.map((line) => `${line}\n`).join(''))
}

export function addFinding(target: string, input: Buffer, why: string): void {
  const file = fileOf('findings', target)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const remark = `# ${why.replaceAll(/\s+/g, ' ').slice(0, 200)}`
  writeFileSync(file, `${before}${remark}\n${written(input)}\n`)
}

/** ASCII alone, so that every tool shows it. */
function written(input: Buffer): string {
  return JSON.stringify(input.toString('latin1')).replaceAll(
    /[\x7f-\xff]/g,
    (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
  )
}
