// SPDX-License-Identifier: Apache-2.0
/**
 * Checks the documents: the page of error codes says what `src/base/errors.ts` says (`--write` writes it), links between Markdown
 * files lead somewhere, every decision in docs/adr has a number of its own and a line in the list, and `docs/protocol.md` names
 * tests that are there.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { errorKinds } from '../src/base/errors.ts'
import { markdownProblems } from './markdown-links.ts'
import { protocolProblems } from './protocol-page.ts'
import { type Problem, report, root } from './source-tree.ts'

const ERRORS_PAGE = 'docs/reference/errors.md'
const ADR_FOLDER = 'docs/adr'

if (process.argv.includes('--write')) {
  mkdirSync(join(root, dirname(ERRORS_PAGE)), { recursive: true })
  writeFileSync(join(root, ERRORS_PAGE), errorsPage())
}
report([
  ...errorsPageProblems(),
  ...markdownProblems(),
  ...decisionProblems(),
  ...protocolProblems(),
])

function errorsPage(): string {
  const rows = Object.entries(errorKinds)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { exitCode, meaning }]) => `| \`${code}\` | ${exitCode} | ${meaning} |`)
  return [
    '# Errors',
    '',
    'What can go wrong here, with us; what goes wrong at a receiver is an outcome of its message. Codes are stable, texts are not.',
    'The exit status is that of the command or of the program (`sysexits.h`).',
    '',
    '<!-- Written by scripts/docs.ts from src/base/errors.ts. -->',
    '',
    '| Code | Exit status | Meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function errorsPageProblems(): Problem[] {
  const page = join(root, ERRORS_PAGE)
  const present = existsSync(page) ? readFileSync(page, 'utf8') : ''
  if (present === errorsPage()) return []
  const missing = Object.keys(errorKinds).filter((code) => !present.includes(`\`${code}\``))
  const what = missing.length === 0 ? 'is out of date' : `says nothing of ${missing.join(', ')}`
  return [problem(ERRORS_PAGE, `The page ${what}; "node scripts/docs.ts --write" writes it.`)]
}

/** `0001-node-local-spool.md`: four digits without a gap, and a link in the folder's README. */
function decisionProblems(): Problem[] {
  const list = join(root, ADR_FOLDER, 'README.md')
  const listed = existsSync(list) ? readFileSync(list, 'utf8') : ''
  const names = globSync(`${ADR_FOLDER}/*.md`, { cwd: root })
    .map((path) => basename(path))
    .filter((name) => name !== 'README.md')
    .sort()
  return names.flatMap((name, at) => {
    const path = `${ADR_FOLDER}/${name}`
    const number = String(at + 1).padStart(4, '0')
    const found: Problem[] = []
    if (!name.startsWith(`${number}-`)) found.push(problem(path, `Its number should be ${number}.`))
    if (!listed.includes(`(${name})`))
      found.push(problem(path, `${ADR_FOLDER}/README.md has no link to it.`))
    return found
  })
}

function problem(path: string, text: string): Problem {
  return { path, line: 1, text }
}
