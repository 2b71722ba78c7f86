// SPDX-License-Identifier: Apache-2.0
/** Checks every TypeScript file: at most 300 lines, the licence in the first one, and a name that says what is inside. */
import { basename } from 'node:path'
import { type Problem, report, type SourceFile, sourceFiles } from './source-tree.ts'

const MOST_LINES = 300
const LICENCE = '// SPDX-License-Identifier: Apache-2.0'
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.ts$/
/** Names for whatever found no other place. */
const NAMELESS = /^(?:index|(?:.*-)?(?:utils?|helpers?|common|misc|manager))(?:\.test|\.d)?\.ts$/

report(sourceFiles().flatMap(problemsOf))

function problemsOf(file: SourceFile): Problem[] {
  const found: Problem[] = []
  const say = (line: number, text: string): void => void found.push({ path: file.path, line, text })
  const lineCount = file.lines.length - (file.text.endsWith('\n') ? 1 : 0)
  if (lineCount > MOST_LINES)
    say(MOST_LINES + 1, `${lineCount} lines, where ${MOST_LINES} are the most.`)
  const first = file.lines[0]?.startsWith('#!') ? file.lines[1] : file.lines[0]
  if (first !== LICENCE) say(1, `The first line should be "${LICENCE}".`)
  const name = basename(file.path)
  if (!KEBAB_CASE.test(name)) say(1, 'The name should be in kebab-case.')
  if (NAMELESS.test(name)) say(1, 'The name should be the noun for what is inside.')
  return found
}
