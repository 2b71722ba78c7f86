// SPDX-License-Identifier: Apache-2.0
/** Suppressions from files and to files, and what one mistake did taken back. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CommandLine } from '../support/command-line.ts'

interface Entry {
  readonly address: string | null
  readonly reason: string
  readonly name: string | null
  readonly note: string
}

let shell: CommandLine

before(async () => {
  shell = await CommandLine.open()
  await shell.init('relay.example.com', '--data-dir', join(shell.folder, 'd'))
})

after(() => shell[Symbol.asyncDispose]())

function file(name: string, ...lines: readonly string[]): string {
  const path = join(shell.folder, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

async function list(...options: readonly string[]): Promise<readonly Entry[]> {
  const page = await shell.json('suppression', 'list', ...options)
  return (page as { items: readonly Entry[] }).items
}

const names = async (...options: readonly string[]) =>
  (await list(...options)).map(({ address }) => address)

test('What an export wrote an import reads, with all that it says', async () => {
  const given = file(
    'given.csv',
    'email,reason,stream,list,note,expires_at',
    'Ann@Example.net,bounce,,,"gone, ""for good""",2099-01-31T00:00:00Z',
    'bob@example.net,unsubscribe,bulk,,,',
    'bob@example.net,unsubscribe,,spring.shop.example,,',
    '"=1+1@example.net",manual,,,,',
  )
  const done = (await shell.json('suppression', 'import', given)) as { id: string; added: number }
  assert.equal(done.added, 4)
  await shell.json('suppression', 'add', 'hidden@example.net', '--no-address')
  const first = join(shell.folder, 'first.csv')
  await shell.json('suppression', 'export', first)
  const before = readFileSync(first, 'utf8')
  assert.match(before, /^address,reason,/)
  assert.match(
    before,
    /^ann@example\.net,bounce,,,"gone, ""for good""",.*,2099-01-31T00:00:00\.000Z,,$/m,
  )
  assert.match(before, /^" =1\+1@example\.net"/m, 'no formula for a spreadsheet')
  assert.match(before, /^,manual,,,,[^,]*,,,[0-9a-f]{16}$/m)
  await shell.json(
    'suppression',
    'undo',
    '--since',
    '2020-01-01T00:00:00Z',
    '--reason',
    'bounce',
    'unsubscribe',
    'manual',
  )
  assert.deepEqual(await names(), [])
  await shell.json('suppression', 'import', first)
  const second = join(shell.folder, 'second.csv')
  await shell.json('suppression', 'export', second)
  assert.equal(readFileSync(second, 'utf8'), before)
})

test('Lines that are wrong are told with their numbers, and nothing is imported', async () => {
  const before = await names()
  const bad = file(
    'bad.csv',
    'address,reason',
    'new@example.net,',
    'nonsense,',
    'x@example.net,boring',
    'y@example.net,bounce,more',
  )
  const { code, stderr } = await shell.run('suppression', 'import', bad)
  assert.equal(code, 65)
  assert.match(stderr, /^line 3: "nonsense" is no address/m)
  assert.match(stderr, /^line 4: "boring" is no reason: expected one of bounce, complaint/m)
  assert.match(stderr, /^line 5: 3 fields where there are 2 columns/m)
  assert.match(stderr, /3 of 4 lines are wrong, and nothing was imported/)
  const refused = await shell.run('suppression', 'import', bad, '--json')
  const { error } = JSON.parse(refused.stderr)
  assert.deepEqual([error.code, refused.stdout], ['RLY_RECORD_INVALID', ''])
  assert.deepEqual(
    error.badLines.map(({ line }: { line: number }) => line),
    [3, 4, 5],
  )
  assert.deepEqual(await names(), before)
  const skipped = await shell.run('suppression', 'import', bad, '--skip-bad', '--json')
  assert.equal(skipped.stderr, '')
  const done = JSON.parse(skipped.stdout)
  assert.deepEqual(done.badLines, error.badLines)
  await shell.json('suppression', 'undo', '--import', done.id)
  const { stdout } = await shell.run('suppression', 'import', bad, '--skip-bad')
  assert.match(stdout, /^Imported 1 entries; 3 lines were left out/)
  assert.ok((await names()).includes('new@example.net'))
})

test('A column that is not known is refused with the nearest', async () => {
  const { stderr } = await shell.run('suppression', 'import', file('c.csv', 'adress,reason', 'a,b'))
  assert.match(stderr, /no column "adress"; did you mean "address"\?/)
})

test('A file of addresses alone needs no header; --reason says why', async () => {
  const plain = file('plain.txt', 'p1@example.net', '', 'p2@example.net')
  await shell.json('suppression', 'import', plain, '--reason', 'complaint')
  const found = await list('--reason', 'complaint')
  assert.deepEqual(
    found.map(({ address }) => address),
    ['p1@example.net', 'p2@example.net'],
  )
})

test('An import is taken back by its id, and leaves what was there before', async () => {
  await shell.json('suppression', 'add', 'kept@example.net')
  const twice = file('twice.csv', 'kept@example.net', 'mistaken@example.net')
  const done = (await shell.json('suppression', 'import', twice)) as { id: string; known: number }
  assert.equal(done.known, 1)
  const trial = await shell.run('suppression', 'undo', '--import', done.id, '--dry-run')
  assert.match(trial.stdout, /would remove one entry/)
  await shell.json('suppression', 'undo', '--import', done.id)
  const left = await names()
  assert.ok(left.includes('kept@example.net') && !left.includes('mistaken@example.net'))
})

test('What came since a time is taken back without who unsubscribed', async () => {
  for (const [address, reason] of [
    ['since1@example.net', 'bounce'],
    ['since2@example.net', 'unsubscribe'],
    ['since3@other.example', 'bounce'],
  ] as const)
    await shell.json('suppression', 'add', address, '--reason', reason)
  await shell.json(
    'suppression',
    'undo',
    '--since',
    '2020-01-01T00:00:00Z',
    '--domain',
    'example.net',
  )
  const left = (await names()).filter((address) => address?.startsWith('since'))
  assert.deepEqual(left, ['since2@example.net', 'since3@other.example'])
  const { stderr } = await shell.run('suppression', 'undo', '--domain', 'example.net')
  assert.match(stderr, /say which/)
})
