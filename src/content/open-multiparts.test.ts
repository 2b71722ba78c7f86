// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentLimits } from '../base/limits.ts'
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

  it('are not followed beyond a bound', () => {
    const multiparts = opened(...Array.from({ length: 200 }, (_, at) => `b${at}`))
    assert.equal(multiparts.depth, contentLimits.multipartDepth)
  })
})
