// SPDX-License-Identifier: Apache-2.0
/**
 * Checks the numbered list under "## The way of a message" in ARCHITECTURE.md, whose items begin with a file:
 * 1. `src/intake/submission-listener.ts` — what happens there.
 *
 * At most 15 files, each there and of at most 300 lines, and each in touch with the next. Two files are in touch if
 *   - one imports the other, or
 *   - both import the same file of contracts, which exports an interface or a type that the one names and the other fulfils: a class
 *     that `implements` it, or a function, constant or field that is declared to be, or to give, it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  importsOf,
  type Problem,
  report,
  root,
  type SourceFile,
  sourceFile,
  withoutComments,
} from './source-tree.ts'

const DOCUMENT = 'ARCHITECTURE.md'
const HEADING = '## The way of a message'
const MOST_FILES = 15
const MOST_LINES = 300

interface Stop {
  readonly path: string
  /** In the document. */
  readonly line: number
}

report(check())

function check(): Problem[] {
  const document = join(root, DOCUMENT)
  if (!existsSync(document)) return [problem(1, `There is no ${DOCUMENT}.`)]
  const lines = readFileSync(document, 'utf8').split('\n')
  const start = lines.indexOf(HEADING)
  if (start === -1) return [problem(1, `The heading "${HEADING}" is missing.`)]
  const stops = stopsAfter(lines, start)
  if (stops.length < 2) return [problem(start + 1, 'The numbered list of files is missing.')]
  if (stops.length > MOST_FILES)
    return [problem(start + 1, `${stops.length} files, where ${MOST_FILES} are the most.`)]
  const missing = stops.filter(({ path }) => !existsSync(join(root, path)))
  if (missing.length > 0)
    return missing.map(({ path, line }) => problem(line, `${path} does not exist.`))
  return [...stops.flatMap(lengthProblems), ...stops.flatMap(touchProblems)]
}

/** Items up to the next heading. */
function stopsAfter(lines: readonly string[], start: number): Stop[] {
  const stops: Stop[] = []
  for (let at = start + 1; at < lines.length && !lines[at]?.startsWith('#'); at++) {
    const path = /^\d+\. \[?`([^`]+\.ts)`/.exec(lines[at] ?? '')?.[1]
    if (path !== undefined) stops.push({ path, line: at + 1 })
  }
  return stops
}

function lengthProblems({ path, line }: Stop): Problem[] {
  const count = sourceFile(path).lines.length - 1
  return count <= MOST_LINES ? [] : [problem(line, `${path} has ${count} lines.`)]
}

function touchProblems(stop: Stop, at: number, stops: readonly Stop[]): Problem[] {
  const next = stops[at + 1]
  if (next === undefined || areInTouch(sourceFile(stop.path), sourceFile(next.path))) return []
  const text = `${stop.path} neither calls nor implements ${next.path}, nor the other way round.`
  return [problem(next.line, text)]
}

function areInTouch(one: SourceFile, other: SourceFile): boolean {
  const [ofOne, ofOther] = [targetsOf(one), targetsOf(other)]
  if (ofOne.has(other.path) || ofOther.has(one.path)) return true
  return [...ofOne].some(
    (contract) =>
      ofOther.has(contract) &&
      contractsIn(contract).some(
        (name) =>
          (mentions(one, name) && fulfils(other, name)) ||
          (mentions(other, name) && fulfils(one, name)),
      ),
  )
}

function targetsOf(file: SourceFile): Set<string> {
  return new Set(importsOf(file).flatMap(({ target }) => (target === null ? [] : [target])))
}

function contractsIn(path: string): string[] {
  if (!existsSync(join(root, path))) return []
  const exported = /^export (?:interface|type) (\w+)/gm
  return [...sourceFile(path).text.matchAll(exported)].map((match) => match[1] ?? '')
}

function mentions(file: SourceFile, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(withoutComments(file.text))
}

function fulfils(file: SourceFile, name: string): boolean {
  const implemented = `\\bimplements [^{]*\\b${name}\\b`
  const given = `\\)\\s*:\\s*(?:Promise<)?${name}\\b`
  const declared = `\\b(?:const|readonly) #?\\w+: ${name}\\b`
  return new RegExp(`${implemented}|${given}|${declared}`).test(withoutComments(file.text))
}

function problem(line: number, text: string): Problem {
  return { path: DOCUMENT, line, text }
}
