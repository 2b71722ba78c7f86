// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'

const scripts = join(import.meta.dirname, '../../scripts')
const licence = '// SPDX-License-Identifier: Apache-2.0'

/** Writes a tree of files, each with the licence first, and gives what the script says of it. */
async function said(
  t: TestContext,
  script: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'posthaste-structure-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), path.endsWith('.ts') ? `${licence}\n${text}` : text)
  }
  return new Promise((resolve) => {
    const words = [join(scripts, script), `--root=${root}`]
    execFile(process.execPath, words, (error, output) => {
      const lines = output.split('\n').filter((line) => line !== '')
      assert.equal(
        error !== null,
        lines.length > 0,
        'the exit status should say what the lines say',
      )
      resolve(lines)
    })
  })
}

test('an import against the layers, of a sibling or out of src is named', async (t) => {
  const lines = await said(t, 'layers.ts', {
    'src/base/a.ts': `import type { Q } from '../queue/q.ts'\n`,
    'src/queue/q.ts': `import { connect } from 'node:net'\nimport { a } from '../base/b.ts'\n`,
    'src/base/b.ts': `export { x } from '../../test/x.ts'\n`,
    'src/smtp/s.ts': `const dns = await import('../dns/d.ts')\n`,
    'src/dns/d.ts': `// import { q } from '../app/main.ts'\n`,
    'src/protocol/p.ts': `import { z } from 'zod'\n`,
    'src/odd/o.ts': '',
  })
  assert.deepEqual(lines, [
    'src/base/a.ts:2: base stands before queue and may not know it.',
    'src/base/b.ts:2: test/x.ts lies outside src and is not built.',
    'src/odd/o.ts:1: src/odd stands in no row of scripts/layers.ts.',
    'src/protocol/p.ts:2: protocol depends on no package and may not import zod.',
    'src/queue/q.ts:2: queue does no I/O and may not import node:net.',
    'src/smtp/s.ts:2: smtp and dns are siblings and may not know each other.',
  ])
})

test('time and chance outside their files are named, but not in comments, strings and tests', async (t) => {
  const uses = `const at = Date.now()\nsetTimeout(f, 1)\nconst chance = Math.random()\n`
  const lines = await said(t, 'layers.ts', {
    'src/accept/a.ts': `${uses}const date = new Date(at)\n`,
    'src/accept/a.test.ts': uses,
    'src/accept/quiet.ts': `// Date.now()\nconst text = 'Date.now()' + clock.setTimeout\n`,
    'src/base/clock.ts': 'const at = Date.now()\n',
  })
  assert.deepEqual(lines, [
    'src/accept/a.ts:2: only src/base/clock.ts reads time or sets timers; take a Clock.',
    'src/accept/a.ts:3: only src/base/clock.ts reads time or sets timers; take a Clock.',
    'src/accept/a.ts:4: only src/base/random.ts draws; take a Random.',
  ])
})

test('files that import each other in a circle are named', async (t) => {
  const lines = await said(t, 'layers.ts', {
    'src/base/a.ts': `import { b } from './b.ts'\n`,
    'src/base/b.ts': `import type { c } from './c.ts'\n`,
    'src/base/c.ts': `import { a } from './a.ts'\n`,
  })
  assert.deepEqual(lines, [
    'src/base/c.ts:2: a circle: src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts.',
  ])
})

test('a file that is long or badly named is named', async (t) => {
  const lines = await said(t, 'file-length.ts', {
    'src/base/long.ts': '\n'.repeat(300),
    'src/base/just-right.ts': '\n'.repeat(299),
    'test/support/queue-helpers.ts': '',
    'src/base/camelCase.ts': '',
    'src/spool/word-index.ts': '',
    'src/spool/index.ts': '',
  })
  assert.deepEqual(lines, [
    'src/base/camelCase.ts:1: The name should be in kebab-case.',
    'src/base/long.ts:301: 301 lines, where 300 are the most.',
    'src/spool/index.ts:1: The name should be the noun for what is inside.',
    'test/support/queue-helpers.ts:1: The name should be the noun for what is inside.',
  ])
})

test('the way of a message leads from file to file by calls and contracts, or is refused', async (t) => {
  const document = (...files: readonly string[]): string =>
    [
      '## The way of a message',
      '',
      ...files.map((file, at) => `${at + 1}. \`src/${file}\` — what.`),
    ]
      .join('\n')
      .concat('\n')
  const files = {
    'src/intake/listener.ts': `import type { Acceptor } from '../accept/acceptor.ts'\nlet a: Acceptor\n`,
    'src/accept/acceptor.ts': `export interface Acceptor {}\n`,
    'src/accept/pipeline.ts': `import type { Acceptor } from './acceptor.ts'\nclass P implements Acceptor {}\n`,
    'src/delivery/reader.ts': `import type { Acceptor } from '../accept/acceptor.ts'\nlet a: Acceptor\n`,
  }
  const good = { ...files, 'ARCHITECTURE.md': document('intake/listener.ts', 'accept/pipeline.ts') }
  assert.deepEqual(await said(t, 'way-of-a-message.ts', good), [])
  const broken = document('intake/listener.ts', 'delivery/reader.ts')
  assert.deepEqual(await said(t, 'way-of-a-message.ts', { ...files, 'ARCHITECTURE.md': broken }), [
    'ARCHITECTURE.md:4: src/intake/listener.ts neither calls nor implements src/delivery/reader.ts, nor the other way round.',
  ])
  const missing = document('intake/listener.ts', 'accept/gone.ts')
  assert.deepEqual(await said(t, 'way-of-a-message.ts', { ...files, 'ARCHITECTURE.md': missing }), [
    'ARCHITECTURE.md:4: src/accept/gone.ts does not exist.',
  ])
  assert.deepEqual(await said(t, 'way-of-a-message.ts', files), [
    'ARCHITECTURE.md:1: There is no ARCHITECTURE.md.',
  ])
})

test('a link that leads nowhere and two decisions of one number are named', async (t) => {
  const lines = await said(t, 'docs.ts', {
    'docs/adr/README.md': '# Decisions\n\n- [One](0001-one.md)\n- [Gone](0009-gone.md)\n',
    'docs/adr/0001-one.md': '# One\n\n[list](README.md#decisions) [no](README.md#nothing)\n',
    'docs/adr/0001-other.md': '# Other\n',
  })
  assert.deepEqual(lines, [
    ...['reference/errors', 'internals/channel', 'classification'].map(
      (page) => `docs/${page}.md:1: There is no docs/${page}.md.`,
    ),
    'docs/adr/0001-one.md:3: docs/adr/README.md has no heading #nothing.',
    'docs/adr/README.md:4: The link to 0009-gone.md leads nowhere.',
    'docs/adr/0001-other.md:1: 0001-one.md has the same number.',
    'docs/adr/0001-other.md:1: docs/adr/README.md has no link to it.',
    'docs/protocol.md:1: There is no docs/protocol.md.',
  ])
})

test('a row of the protocols that names no test, and an RFC that none speaks of, are named', async (t) => {
  const lines = await said(t, 'docs.ts', {
    'docs/protocol.md':
      '## RFC 5321\n\n| section | what we do | shown by |\n| --- | --- | --- |\n| §1 | it | nobody |\n| §2 | that | [z](z.test.ts) |\n',
  })
  const found = lines.filter((line) => line.startsWith('docs/protocol.md'))
  assert.match(
    found[1] ?? '',
    /^docs\/protocol\.md:1: The page says nothing of RFC 1035, .*, 9422\.$/,
  )
  assert.doesNotMatch(found[1] ?? '', /5321/)
  assert.deepEqual(found.toSpliced(1, 1), [
    'docs/protocol.md:6: The link to z.test.ts leads nowhere.',
    'docs/protocol.md:5: The row names no test.',
  ])
})
