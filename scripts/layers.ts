// SPDX-License-Identifier: Apache-2.0
/**
 * Checks who may know whom in `src`: a folder imports from the rows before its own, never from later rows nor from a sibling
 * in its row; no files import each other in a circle; time, chance and the outside world are touched only where they belong.
 */
import {
  codeAlone,
  importsOf,
  isTest,
  lineAt,
  type Problem,
  report,
  type SourceFile,
  sourceFiles,
} from './source-tree.ts'

/** The stack of folders, from what knows nothing to what knows everything; siblings in one row. */
const rows: readonly (readonly string[])[] = [
  ['base'],
  ['protocol'],
  ['events'],
  ['records'],
  ['spool'],
  ['queue'],
  ['content'],
  ['smtp', 'dns'],
  ['accept'],
  ['intake', 'delivery', 'feedback'],
  ['control'],
  ['api'],
  // Implements the ports; only the next row knows it.
  ['platform'],
  ['app'],
]

interface Rule {
  /** Folders that it holds for, or `null` for all. */
  readonly folders: readonly string[] | null
  /** Files that it does not hold for. */
  readonly except: readonly string[]
  readonly pattern: RegExp
  readonly text: string
}

/** What code may not do; tests may. */
const usageRules: readonly Rule[] = [
  {
    folders: null,
    except: ['src/base/clock.ts', 'src/base/log.ts'],
    pattern:
      /\bDate\.now\b|\bnew Date\(\)|\b(?:setTimeout|setInterval)\(|\bperformance\.(?:now|timeOrigin)\b/g,
    text: 'only src/base/clock.ts reads time or sets timers; take a Clock',
  },
  {
    folders: null,
    except: ['src/base/random.ts'],
    pattern: /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\brandomInt\b|\bgetRandomValues\b/g,
    text: 'only src/base/random.ts draws; take a Random',
  },
  {
    folders: null,
    except: [],
    pattern:
      /^(?:export )?(?:const|let) \w+(?:: (?!Readonly(?:Map|Set)<)[^=\n]*)? = new (?:Map|Set)\b/gm,
    text: 'a Map or Set of a module lives as long as the process: declare it ReadonlyMap or ReadonlySet, or take RecentMap, which has a bound',
  },
  {
    folders: ['accept', 'intake', 'delivery', 'feedback', 'control', 'api', 'app'],
    except: [],
    // What comes between the two lines turns away what is not readable.
    pattern:
      /\bawait [\w.]*\b(?:spool|kept)\.content\((?![^\n]*\n(?:[^\n]*\n){1,2}\s*await using \w+ = )/g,
    text: 'content of the spool holds a descriptor: bind it with "await using" within three lines',
  },
  {
    folders: null,
    except: ['src/platform/journal/journal-files.ts'],
    pattern: /\bfs(?:\.promises)?\.open\(/g,
    text: 'only journal-files.ts opens files without closing them; take JournalFiles',
  },
]

const outsideWorld =
  /^node:(?:fs|net|tls|dgram|https?|http2|dns|child_process|worker_threads|cluster|sqlite)\b/
const foldersWithoutWorld = ['protocol', 'queue']

const files = sourceFiles(['src'])
report([
  ...files.flatMap(layerProblems),
  ...files.filter(({ path }) => !isTest(path)).flatMap(usageProblems),
  ...circles(files),
])

function layerProblems(file: SourceFile): Problem[] {
  const folder = folderOf(file.path)
  const row = rowOf(folder)
  if (row === -1) return [problem(file, 1, `src/${folder} stands in no row of scripts/layers.ts`)]
  return importsOf(file).flatMap(({ specifier, target, line }) => {
    const text = target === null ? packageProblem(file, specifier) : targetProblem(file, target)
    return text === null ? [] : [problem(file, line, text)]
  })
}

function targetProblem(file: SourceFile, target: string): string | null {
  if (!target.startsWith('src/'))
    return isTest(file.path) ? null : `${target} lies outside src and is not built`
  const [from, to] = [folderOf(file.path), folderOf(target)]
  if (from === to || rowOf(to) < rowOf(from)) return null
  return rowOf(to) === rowOf(from)
    ? `${from} and ${to} are siblings and may not know each other`
    : `${from} stands before ${to} and may not know it`
}

function packageProblem(file: SourceFile, specifier: string): string | null {
  const folder = folderOf(file.path)
  if (isTest(file.path)) return null
  if (foldersWithoutWorld.includes(folder) && outsideWorld.test(specifier))
    return `${folder} does no I/O and may not import ${specifier}`
  if (folder === 'protocol' && !specifier.startsWith('node:'))
    return `protocol depends on no package and may not import ${specifier}`
  return null
}

function usageProblems(file: SourceFile): Problem[] {
  const code = codeAlone(file.text)
  return usageRules
    .filter(({ folders, except }) => {
      if (except.includes(file.path)) return false
      return folders === null || folders.includes(folderOf(file.path))
    })
    .flatMap(({ pattern, text }) =>
      [...code.matchAll(pattern)].map((match) => problem(file, lineAt(code, match.index), text)),
    )
}

/** One problem for each import that closes a circle. */
function circles(all: readonly SourceFile[]): Problem[] {
  const byPath = new Map(all.map((file) => [file.path, file]))
  const finished = new Set<string>()
  const found: Problem[] = []
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    const way = [...trail, file.path]
    for (const { target, line } of importsOf(file)) {
      const next = target === null ? undefined : byPath.get(target)
      if (next === undefined || finished.has(next.path)) continue
      const start = way.indexOf(next.path)
      if (start === -1) visit(next, way)
      else
        found.push(problem(file, line, `a circle: ${[...way.slice(start), next.path].join(' → ')}`))
    }
    finished.add(file.path)
  }
  for (const file of all) if (!finished.has(file.path)) visit(file, [])
  return found
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function rowOf(folder: string): number {
  return rows.findIndex((row) => row.includes(folder))
}

function problem(file: SourceFile, line: number, text: string): Problem {
  return { path: file.path, line, text: `${text}.` }
}
