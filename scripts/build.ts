// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run build [-- FOLDER]`: makes the package that is published, by default in dist/; `npm pack ./dist` gives its tarball.
 *
 *     bin/posthaste.js   starts lib/app/main.js
 *     lib/               src as JavaScript with its types, without tests
 *     config/, docs/, README.md, LICENSE, CHANGELOG.md and the like, as they are
 *     package.json       without what only a checkout needs: tools, scripts, the pinned Node
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './source-tree.ts'
import { runShown } from './steps.ts'

/** What others may import; all else is ours to change. */
const publicModules = { './events': 'lib/events/event' } as const

const copied = ['config', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']
const keptFields = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'homepage',
  'bugs',
  'type',
  'bin',
  'dependencies',
]

/** Of the package alone: a checkout brings its own Node, and would warn whoever has an old one. */
const engines = { node: '>=24' }

/** In a checkout the program starts from its sources. */
const SOURCE_ENTRY = '../src/app/main.ts'
const BUILT_ENTRY = '../lib/app/main.js'

process.exitCode = (await build(process.argv[2])) ? 0 : 1

async function build(folder: string | undefined): Promise<boolean> {
  const out = folder === undefined ? join(root, 'dist') : resolve(folder)
  if (folder === undefined) rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  if (readdirSync(out).length > 0) {
    console.error(`${out} is not empty; a build needs a folder of its own.`)
    return false
  }
  const lib = join(out, 'lib')
  const emit = ['tsc', '--project', 'tsconfig.build.json', '--outDir', lib] as const
  if (!(await runShown({ name: 'emit', command: [...emit] }))) return false
  for (const name of copied)
    if (existsSync(join(root, name))) cpSync(join(root, name), join(out, name), { recursive: true })
  writeProgram(out)
  writePackage(out)
  console.log(`Built ${out}`)
  return true
}

function writeProgram(out: string): void {
  const source = readFileSync(join(root, 'bin/posthaste.js'), 'utf8')
  if (!source.includes(SOURCE_ENTRY))
    throw new Error(`bin/posthaste.js does not import ${SOURCE_ENTRY}`)
  const program = join(out, 'bin/posthaste.js')
  mkdirSync(join(out, 'bin'))
  writeFileSync(program, source.replace(SOURCE_ENTRY, BUILT_ENTRY))
  chmodSync(program, 0o755)
}

function writePackage(out: string): void {
  const checkout = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const kept = keptFields
    .filter((field) => field in checkout)
    .map((field) => [field, checkout[field]])
  const exported = Object.entries(publicModules).map(([name, file]) => {
    if (!existsSync(join(out, `${file}.d.ts`))) throw new Error(`${file} was not built`)
    return [name, { types: `./${file}.d.ts`, default: `./${file}.js` }]
  })
  const exports = { ...Object.fromEntries(exported), './package.json': './package.json' }
  const content = { ...Object.fromEntries(kept), engines, exports }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(content, null, 2)}\n`)
}
