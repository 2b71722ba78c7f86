// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
/** npm's words for a registry that cannot be reached. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT/

interface Ended {
  readonly status: number
  readonly output: string
  readonly errors: string
}

function run(folder: string, program: string, ...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd: folder }, (error, output, errors) =>
      resolve({
        status: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
        output,
        errors,
      }),
    )
  })
}

async function succeed(folder: string, program: string, ...words: string[]): Promise<string> {
  const { status, output, errors } = await run(folder, program, ...words)
  assert.equal(status, 0, `${words.join(' ')}\n${output}${errors}`)
  return output
}

test('the packed package installs in an empty folder and runs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-package-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await succeed(root, process.execPath, 'scripts/build.ts', join(folder, 'built'))
  const manifest = JSON.parse(await readFile(join(folder, 'built/package.json'), 'utf8'))
  for (const field of ['private', 'scripts', 'devDependencies', 'optionalDependencies'])
    assert.ok(!(field in manifest), field)
  const tarball = (await succeed(folder, 'npm', 'pack', '--silent', './built')).trim()

  const home = join(folder, 'home')
  await mkdir(home)
  await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  const installed = await run(home, 'npm', 'install', ...options, join('..', tarball))
  if (installed.status !== 0 && OFFLINE.test(installed.errors))
    return t.skip('the package registry cannot be reached')
  assert.equal(installed.status, 0, installed.errors)

  const program = join(home, 'node_modules/posthaste/bin/posthaste.js')
  assert.match(await succeed(home, process.execPath, program, '--version'), /\d+\.\d+\.\d+/)
  assert.match(await succeed(home, process.execPath, program, '--help'), /posthaste/i)
  assert.ok(existsSync(join(home, 'node_modules/.bin/posthaste')))
  const script = `console.log(typeof await import('posthaste/events'))`
  const imported = await succeed(home, process.execPath, '--input-type=module', '-e', script)
  assert.equal(imported.trim(), 'object')
})
