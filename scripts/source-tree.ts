// SPDX-License-Identifier: Apache-2.0
/** The files that the checks read, and what their text says beside comments and strings. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

/** Something that is not as it should be. */
export interface Problem {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** One sentence. */
  readonly text: string
}

export interface Import {
  /** As written: `../base/clock.ts`, `node:fs`, `fastify`. */
  readonly specifier: string
  /** Path from the root where it is a file of ours, else `null`. */
  readonly target: string | null
  readonly line: number
}

/** The repository, or another tree that `--root=FOLDER` names. */
export const root = rootArgument() ?? join(import.meta.dirname, '..')

const codeFolders = ['src', 'test', 'bench', 'demo', 'scripts']

/** All TypeScript under the given folders, sorted by path. */
export function sourceFiles(folders: readonly string[] = codeFolders): SourceFile[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root, exclude: ['**/node_modules/**', '**/fixtures/**'] },
  )
  return paths.sort().map(sourceFile)
}

export function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, lines: text.split('\n') }
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

/** Static and dynamic imports, types too, and re-exports. */
export function importsOf(file: SourceFile): Import[] {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^'\n]+)'/g
  const code = withoutComments(file.text)
  return [...code.matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? ''
    const isOurs = specifier.startsWith('.')
    return {
      specifier,
      target: isOurs ? normalize(join(dirname(file.path), specifier)) : null,
      line: lineAt(code, match.index),
    }
  })
}

/** Comments become blanks, so that places stay where they were. */
export function withoutComments(text: string): string {
  return text.replaceAll(strings, (part) => (part.startsWith('/') ? blank(part) : part))
}

/** Comments and plain strings become blanks; templates stay, for they hold code. */
export function codeAlone(text: string): string {
  return text.replaceAll(strings, (part) => (part.startsWith('`') ? part : blank(part)))
}

/** The line, from 1, of a place in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

/** Prints `file:line: sentence` for each and says by the exit code whether there was none. */
export function report(problems: readonly Problem[]): void {
  for (const { path, line, text } of problems) console.log(`${path}:${line}: ${text}`)
  if (problems.length > 0) process.exitCode = 1
}

/** Strings of one line, templates, and both kinds of comments, whichever begins first. */
const strings =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

function rootArgument(): string | undefined {
  const option = '--root='
  return process.argv.find((word) => word.startsWith(option))?.slice(option.length)
}

function blank(part: string): string {
  return part.replaceAll(/[^\n]/g, ' ')
}
