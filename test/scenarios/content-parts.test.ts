// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { isAscii } from 'node:buffer'
import { describe, it } from 'node:test'
import { ContentPreparation } from '../../src/content/content-preparation.ts'
import { corpus, filesOf, withCrlf } from '../support/corpus.ts'
import { hasPython, partsReadByPython } from '../support/python-parts.ts'

const mime = corpus('mime')
const mails = mime === null ? [] : [...filesOf(mime)].filter(([, octets]) => !octets.includes(0))

describe('A stream that wants 8-bit bodies as quoted-printable', {
  skip: (mime === null || !hasPython) && 'neither corpus nor python3',
}, () => {
  const original = mails.map(([, octets]) => ended(withCrlf(octets)))
  const prepared = original.map(toSevenBit)

  it('leaves what Python reads in each part of every mail of the corpus as it was', (context) => {
    const before = partsReadByPython(original)
    const after = partsReadByPython(prepared)
    const changed = mails.flatMap(([name], at) => (before[at] === after[at] ? [] : [name]))
    const encoded = prepared.filter((octets, at) => !original[at]?.equals(octets)).length
    context.diagnostic(`${encoded} of ${mails.length} mails were encoded`)
    assert.ok(encoded > 10)
    assert.deepEqual(changed, [])
  })

  it('has all of them in ASCII, but for fields, wrong encodings, and text around parts', () => {
    const left = mails.flatMap(([name], at) => {
      const octets = prepared[at]
      return octets && !isAscii(octets) ? [name] : []
    })
    assert.ok(left.length < 30, left.join('\n'))
  })

  it('changes no signed part of any', () => {
    let signed = 0
    for (const [at, octets] of original.entries()) {
      const text = octets.toString('latin1')
      const type = /^content-type:\s*multipart\/(signed|encrypted);/im.exec(text)
      if (type === null) continue
      const part = text.slice(text.indexOf('\r\n\r\n', type.index))
      signed++
      assert.ok(prepared[at]?.toString('latin1').includes(part), mails[at]?.[0])
    }
    assert.ok(signed > 2)
  })
})

function toSevenBit(octets: Buffer): Buffer {
  const preparation = new ContentPreparation({ eightBit: 'quoted-printable', longLines: 'fold' })
  const chunks = [...preparation.write(octets), ...preparation.finish()]
  // Else there is nothing to compare: it is refused.
  return preparation.fault === null ? Buffer.concat(chunks) : octets
}

function ended(octets: Buffer): Buffer {
  return octets.subarray(-2).toString() === '\r\n'
    ? octets
    : Buffer.concat([octets, Buffer.from('\r\n')])
}
