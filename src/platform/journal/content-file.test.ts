// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import type { ContentTrouble } from '../../spool/content.ts'
import { ContentFile } from './content-file.ts'
import { type JournalFile, type JournalFiles, systemFiles } from './journal-files.ts'

const BYTES = Buffer.alloc(150_000, 'Subject: sample\r\n')

interface Opened {
  open: number
  readonly content: ContentFile
  readonly troubles: ContentTrouble[]
}

/** A file of `stored` in place of `BYTES`; `failing` throws when it is opened or read. */
function opened(stored: Buffer, failing: { open?: Error; read?: Error } = {}): Opened {
  const state = { open: 0 }
  const file: Pick<JournalFile, 'read' | 'close'> = {
    read: async (into, position) => {
      if (failing.read) throw failing.read
      return stored.copy(into, 0, position)
    },
    close: async () => {
      state.open--
    },
  }
  const files: JournalFiles = {
    ...systemFiles,
    open: async () => {
      if (failing.open) throw failing.open
      state.open++
      return file as JournalFile
    },
  }
  const troubles: ContentTrouble[] = []
  const expected = { bytes: BYTES.length, crc: crc32(BYTES) }
  const content = new ContentFile({
    ...{ files, path: '/content/sample', signature: new Uint8Array(), expected },
    onTrouble: (trouble) => troubles.push(trouble),
  })
  return Object.assign(state, { content, troubles })
}

async function read(content: ContentFile): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: sample`), { code, errno: -1, syscall: 'open' })
}

test('Content that nobody reads opens no file', async () => {
  const found = opened(BYTES, { open: systemError('EMFILE') })
  {
    await using content = found.content
    assert.equal(content.size, BYTES.length)
  }
  assert.deepEqual(found.troubles, [])
})

test('Content is read whole, and its file is closed by disposal alone', async () => {
  const found = opened(BYTES)
  assert.deepEqual(await read(found.content), BYTES)
  assert.equal(found.open, 1)
  await found.content[Symbol.asyncDispose]()
  assert.equal(found.open, 0)
})

test('Content that is disposed of while its file is being opened leaves nothing open', async () => {
  const found = opened(BYTES)
  const reading = assert.rejects(read(found.content))
  await found.content[Symbol.asyncDispose]()
  await reading
  assert.equal(found.open, 0)
})

for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EIO'])
  for (const step of ['open', 'read'] as const)
    test(`${code} on ${step} is a shortage, not damage`, async () => {
      const error = systemError(code)
      const { content, troubles } = opened(BYTES, { [step]: error })
      await assert.rejects(read(content))
      assert.deepEqual(content.trouble, { kind: 'unreadable', error })
      assert.deepEqual(troubles, [content.trouble])
    })

test('A file that is missing, short or changed is damage, and its last chunk is never handed out', async () => {
  const flipped = Buffer.from(BYTES)
  flipped[70_000] = (flipped[70_000] ?? 0) ^ 1
  for (const found of [
    opened(BYTES, { open: systemError('ENOENT') }),
    opened(BYTES.subarray(0, 100_000)),
    opened(flipped),
  ]) {
    let seen = 0
    await assert.rejects(async () => {
      for await (const chunk of found.content.body) seen += chunk.length
    })
    assert.ok(seen < BYTES.length)
    assert.equal(found.content.trouble?.kind, 'damaged')
  }
})
