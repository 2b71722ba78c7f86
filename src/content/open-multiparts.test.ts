// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentLimits } from '../base/limits/limits.ts'
import { OpenMultiparts } from './open-multiparts.ts'

function opened(...boundaries: readonly string[]): OpenMultiparts {
  const multiparts = new OpenMultiparts()
  for (const boundary of boundaries) multiparts.open({ boundary, isDigest: boundary === 'digest' })
  return multiparts
}

describe('Multiparts', () => {
  it('are closed by the delimiter of one around them', () => {
    const multiparts = opened('a', 'b', 'c')
    assert.equal(multiparts.delimit(Buffer.from('--b\r\n')), 'next')
    assert.equal(multiparts.depth, 2)
    assert.equal(multiparts.delimit(Buffer.from('--c\r\n')), null)
    assert.equal(multiparts.delimit(Buffer.from('--a-- \r\n')), 'last')
    assert.equal(multiparts.depth, 0)
  })

  it('say of a part whether it is in a digest', () => {
    const multiparts = opened('a', 'digest')
    multiparts.delimit(Buffer.from('--digest\r\n'))
    assert.equal(multiparts.isInDigest, true)
    multiparts.delimit(Buffer.from('--a\r\n'))
    assert.equal(multiparts.isInDigest, false)
  })

  for (const [line, found] of [
    ['--a', 'next'],
    ['--a \t\r\n', 'next'],
    ['--a--\r\n', 'last'],
    ['--a-- \t\r\n', 'last'],
    ['--a --\r\n', null],
    ['--ab\r\n', null],
    ['--a\xa0\r\n', null],
    ['--a--\xa0\r\n', null],
    ['--a\f\r\n', null],
    ['--a\v--\r\n', null],
    ['--a\r', null],
    ['--a\n', null],
    ['--A\r\n', null],
  ] as const)
    it(`take ${JSON.stringify(line)} for ${found ?? 'no delimiter'}`, () => {
      assert.equal(opened('a').delimit(Buffer.from(line, 'latin1')), found)
    })

  it('are all left alone where one could be taken for another around it', () => {
    for (const [outer, inner] of [
      ['a', 'a'],
      ['a', 'a--'],
      ['a--', 'a'],
    ] as const)
      assert.equal(opened('b', outer, inner).depth, 0, `${inner} in ${outer}`)
    for (const inner of ['a-', 'a-----', 'b--', 'ab'])
      assert.equal(opened('a', inner).depth, 2, inner)
  })

  it('are not followed beyond a bound', () => {
    const multiparts = opened(...Array.from({ length: 200 }, (_, at) => `b${at}`))
    assert.equal(multiparts.depth, contentLimits.multipartDepth)
  })
})
