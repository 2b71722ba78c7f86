// SPDX-License-Identifier: Apache-2.0
/** Programs beside the relay, benchmarks and long tests: each says what it takes, and does nothing for who asks wrongly. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}
/** By what they are called with npm. `bench:relay` is started by other benchmarks, and reads its environment. */
const programs = Object.entries(scripts).flatMap(([name, command]) => {
  const [file] = /(?<=^node )(bench|test|demo)\/\S+$/.exec(command) ?? []
  return file === undefined || name === 'bench:relay' ? [] : [{ name, file }]
})

function ran(file: string, ...words: readonly string[]) {
  return new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) =>
      execFile(process.execPath, [join(root, file), ...words], (failure, stdout, stderr) =>
        resolve({ code: failure?.code ?? 0, stdout, stderr }),
      ),
  )
}

assert.ok(programs.length > 15, 'they are found')
for (const { file, name } of programs)
  test(`npm run ${name} says what it takes, and helps with what it does not know`, async () => {
    const help = await ran(file, '--help')
    assert.equal(help.code, 0, help.stderr)
    assert.match(help.stdout, new RegExp(`^Usage: npm run ${name}( -- \\[options\\])?\n`))
    assert.match(help.stdout, /^ {2}--help +this$/m)
    const wrong = await ran(file, '--hlep')
    assert.deepEqual([wrong.code, wrong.stdout], [64, ''])
    assert.match(wrong.stderr, /^Unknown option '--hlep'; did you mean --help\? Try --help\.\n$/)
  })

for (const [words, sentence] of [
  [['--seconds', 'ten'], '--seconds ten: expected a whole number from 1 to 99999999'],
  [['--seconds'], "Option '--seconds <value>' argument missing. Try --help."],
  [['--keep=1'], "Option '--keep' does not take an argument. Try --help."],
  [['--target', 'minne'], /^--target minne: expected one of .*; did you mean "mime"\?$/],
  [['mime'], "Unexpected argument 'mime'. Try --help."],
] as const)
  test(`npm run fuzz -- ${words.join(' ')} is answered by a sentence`, async () => {
    const { code, stderr } = await ran('test/fuzz/main.ts', ...words)
    assert.equal(code, 64)
    if (typeof sentence === 'string') assert.equal(stderr.trim(), sentence)
    else assert.match(stderr.trim(), sentence)
  })
