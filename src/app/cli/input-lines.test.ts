// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import fc from 'fast-check'
import { inputLines } from './input-lines.ts'

async function linesOf(chunks: readonly Uint8Array[], most: number): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of inputLines(Readable.from(chunks), most)) lines.push(line)
  return lines
}

it('Lines are the same however the input is cut', async () => {
  const chunks = fc.array(fc.uint8Array({ max: 127 }))
  await fc.assert(
    fc.asyncProperty(chunks, async (all) => {
      const text = Buffer.concat(all).toString('latin1')
      const expected = text.split('\n').map((line) => line.replace(/\r$/, ''))
      if (text === '' || text.endsWith('\n')) expected.pop()
      assert.deepEqual(await linesOf(all, 10_000), expected)
    }),
  )
})

it('A line over the bound is cut, and the next one is whole', async () => {
  const lines = await linesOf([Buffer.from(`${'x'.repeat(50)}\r\nnext\r\n`)], 10)
  assert.deepEqual(lines, ['x'.repeat(10), 'next'])
})

it('A character that two chunks share is whole', async () => {
  const octets = Buffer.from('é\n')
  assert.deepEqual(await linesOf([octets.subarray(0, 1), octets.subarray(1)], 10), ['é'])
})
