// SPDX-License-Identifier: Apache-2.0
/**
 * Checks the documents: the pages of error codes, of the channel and of classes of refusals say what the code says (`--write` writes them), links between
 * Markdown files lead somewhere, every decision in docs/adr has a number of its own and a line in the list, and `docs/protocol.md` names
 * tests that are there.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CHANNEL_HEADER, CHANNEL_VERSION } from '../src/api/channel/channel-version.ts'
import { messages } from '../src/api/channel/messages.ts'
import { errorKinds } from '../src/base/errors.ts'
import { CLASSIFICATION_PAGE, withTables } from './classification-page.ts'
import { markdownProblems } from './markdown-links.ts'
import { protocolProblems } from './protocol-page.ts'
import { type Problem, report, root } from './source-tree.ts'

const ERRORS_PAGE = 'docs/reference/errors.md'
const CHANNEL_PAGE = 'docs/internals/channel.md'
const ADR_FOLDER = 'docs/adr'

/** Pages that are made, by their path. */
const made: Readonly<Record<string, string>> = {
  [ERRORS_PAGE]: errorsPage(),
  [CHANNEL_PAGE]: channelPage(),
  [CLASSIFICATION_PAGE]: withTables(textOf(CLASSIFICATION_PAGE)),
}

if (process.argv.includes('--write'))
  for (const [path, text] of Object.entries(made)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
report([
  ...Object.entries(made).flatMap(([path, text]) => madeProblems(path, text)),
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

function channelPage(): string {
  const rows = Object.values(messages).map(
    ({ method, path, direction, fields, meaning }) =>
      `| \`${method} ${path}\` | ${direction} | ${fields.map((field) => `\`${field}\``).join(', ')} | ${meaning} |`,
  )
  return [
    '# The channel between processes',
    '',
    "Control, workers and the command line talk over HTTP with JSON on Unix sockets in the data directory, open to the relay's user alone: `control.sock`, and one for",
    'each worker (`worker-0.sock`, …). Whatever a command asks, control asks of each worker in the same words and merges; so a worker can be asked by hand. What is',
    'wrong comes back as `{"error": {"code", "message"}}` with a code of the [register](../reference/errors.md).',
    '',
    `Each question and each answer carries \`${CHANNEL_HEADER}: ${CHANNEL_VERSION}\`, the version of the channel. Both sides read their own version and the one before, and refuse others with`,
    '`RLY_CHANNEL_VERSION`, so that during an upgrade old and new processes work together, and a command that is too old says so. Fields that are not known are ignored.',
    '',
    '<!-- Written by scripts/docs.ts from src/api/channel/messages.ts. -->',
    '',
    '| Message | Who asks whom | Fields | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'The shapes of fields and answers are the types and schemas in `src/api/channel/messages.ts`. How the ledger lends: `src/queue/shaping/lending.ts` and [shaping](../shaping.md).',
    '',
  ].join('\n')
}

function madeProblems(path: string, text: string): Problem[] {
  const present = textOf(path)
  if (present === '') return [problem(path, `There is no ${path}.`)]
  if (present === text) return []
  return [problem(path, 'The page is out of date; "node scripts/docs.ts --write" writes it.')]
}

/** `0001-node-local-spool.md`: four digits that no other has, and a link in the folder's README. */
function decisionProblems(): Problem[] {
  const listed = textOf(`${ADR_FOLDER}/README.md`)
  const names = globSync(`${ADR_FOLDER}/*.md`, { cwd: root })
    .map((path) => basename(path))
    .filter((name) => name !== 'README.md')
    .sort()
  return names.flatMap((name, at) => {
    const path = `${ADR_FOLDER}/${name}`
    const found: Problem[] = []
    if (!/^\d{4}-/.test(name)) found.push(problem(path, 'Its name begins with four digits.'))
    if (names[at - 1]?.slice(0, 5) === name.slice(0, 5))
      found.push(problem(path, `${names[at - 1]} has the same number.`))
    if (!listed.includes(`(${name})`))
      found.push(problem(path, `${ADR_FOLDER}/README.md has no link to it.`))
    return found
  })
}

/** Empty where there is no such file. */
function textOf(path: string): string {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function problem(path: string, text: string): Problem {
  return { path, line: 1, text }
}
