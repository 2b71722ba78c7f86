// SPDX-License-Identifier: Apache-2.0
/**
 * Checks `docs/protocol.md`: it speaks of each RFC that we claim, and every row links to a test. That a link leads to a
 * file is the matter of `markdown-links.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, root } from './source-tree.ts'

const PAGE = 'docs/protocol.md'
const CLAIMED = [
  1035, 1870, 2034, 2920, 3030, 3207, 3461, 3462, 3463, 3464, 3834, 4865, 4954, 5248, 5321, 5322,
  5802, 5891, 5965, 6152, 6376, 6409, 6531, 6532, 6533, 6591, 6710, 7505, 7677, 8058, 8301, 8314,
  8463, 8555, 8689, 9422,
] as const
const TEST_LINK = /\]\([^)]+\.test\.ts\)/

export function protocolProblems(): Problem[] {
  const file = join(root, PAGE)
  if (!existsSync(file)) return [problem(1, `There is no ${PAGE}.`)]
  const page = readFileSync(file, 'utf8')
  const missing = CLAIMED.filter((rfc) => !new RegExp(`\\b${rfc}\\b`).test(page))
  const rows = page.split('\n').flatMap((line, at) => rowProblems(line, at + 1))
  if (missing.length === 0) return rows
  return [problem(1, `The page says nothing of RFC ${missing.join(', ')}.`), ...rows]
}

/** Section, what we do, tests. Heads and rules of tables have none. */
function rowProblems(row: string, line: number): Problem[] {
  if (!row.startsWith('| ') || /^\| (?:section|---) /.test(row)) return []
  const cells = row.split(' | ')
  if (cells.length !== 3) return [problem(line, 'A row has three cells.')]
  return TEST_LINK.test(cells[2] ?? '') ? [] : [problem(line, 'The row names no test.')]
}

function problem(line: number, text: string): Problem {
  return { path: PAGE, line, text }
}
