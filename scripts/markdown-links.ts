// SPDX-License-Identifier: Apache-2.0
/** Links between the Markdown files of the repository: each leads to a file, and to a heading where it names one. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type Problem, root } from './source-tree.ts'

const LINK = /\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g

export function markdownProblems(): Problem[] {
  const paths = globSync('**/*.md', { cwd: root, exclude: ['**/node_modules/**', 'dist/**'] })
  return paths.sort().flatMap(problemsIn)
}

function problemsIn(path: string): Problem[] {
  return prose(path).flatMap((line, at) =>
    [...line.matchAll(LINK)].flatMap(([, target = '']) => {
      const text = brokenBecause(path, target)
      return text === null ? [] : [{ path, line: at + 1, text }]
    }),
  )
}

function brokenBecause(from: string, link: string): string | null {
  if (/^[a-z]+:/i.test(link)) return null
  const [file = '', heading] = decodeURI(link).split('#')
  const target = file === '' ? from : normalize(join(dirname(from), file))
  if (!existsSync(join(root, target))) return `The link to ${link} leads nowhere.`
  if (heading === undefined || !target.endsWith('.md')) return null
  const slugs = prose(target)
    .filter((line) => line.startsWith('#'))
    .map(slugOf)
  return slugs.includes(heading) ? null : `${target} has no heading #${heading}.`
}

/** The lines of a file; those of code blocks are empty. */
function prose(path: string): string[] {
  let isCode = false
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line) => {
      const isFence = line.trimStart().startsWith('```')
      if (isFence) isCode = !isCode
      return isCode || isFence
        ? ''
        : line.replaceAll(/`[^`]*`/g, (code) => code.replaceAll('[', ' '))
    })
}

/** The anchor that a heading gets on the usual sites. */
function slugOf(heading: string): string {
  return heading
    .replace(/^#+\s*/, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}
