// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import { decodedHtml } from './html-part.ts'
import type { LinkTracker } from './link-tracker.ts'
import { TrackedContent } from './tracked-content.ts'
import { trackMessage } from './tracked-message.ts'

const tracker: LinkTracker = {
  link: () => 'https://l.example/c',
  pixel: 'https://l.example/o.gif',
  isExempt: () => false,
}
const HTML = '<body><a href="https://a.example/">Gr\u00fc\u00dfe</a></body>'
const CHANGED =
  '<body><a href=\r\n"https://l.example/c"\r\n >Gr\u00fc\u00dfe</a>\r\n<img src="https://l.example/o.gif" width="1" height="1" alt="" style="border:0">\r\n</body>'

function tracked(message: string): string {
  return Buffer.concat([...trackMessage(Buffer.from(message, 'latin1'), tracker)]).toString(
    'latin1',
  )
}

function message(fields: string, body: string): string {
  return `From: a@b.example\r\n${fields}\r\n\r\n${body}`
}

const type = 'Content-Type: text/html; charset=iso-8859-1\r\n'

describe('HTML of a tracked message', () => {
  it('is changed in each transfer encoding, and its charset stays', () => {
    const plain = message(`${type}Content-Transfer-Encoding: 8bit`, HTML)
    assert.equal(tracked(plain), plain.replace(HTML, CHANGED))
    const base64 = Buffer.from(HTML, 'latin1').toString('base64')
    const found = tracked(message(`${type}Content-Transfer-Encoding: base64`, `${base64}\r\n`))
    const [, body = ''] = found.split('\r\n\r\n')
    assert.equal(decodedHtml(Buffer.from(body), 'base64'), CHANGED)
    assert.ok(body.endsWith('\r\n') && body.split('\r\n').every((line) => line.length <= 76))
    const quoted = HTML.replace('\u00fc', '=FC').replace('\u00df', '=\r\n=DF').replace('="', '=3D"')
    const printable = tracked(message(`${type}Content-Transfer-Encoding: quoted-printable`, quoted))
    const [, text = ''] = printable.split('\r\n\r\n')
    assert.equal(decodedHtml(Buffer.from(text), 'quoted-printable'), CHANGED)
    assert.ok(text.split('\r\n').every((line) => line.length <= 76))
  })

  it('is found in alternatives; all other parts, and all that is around them, stay as they came', () => {
    const part = (header: string, body: string) => `--b\r\n${header}\r\n\r\n${body}\r\n`
    const related = `--c\r\n${type}\r\n${HTML}\r\n--c\r\nContent-Type: image/png\r\n\r\n\u0001\r\n--c--\r\n`
    const before = [
      'preamble <a href="https://a.example/">\r\n',
      part('Content-Type: text/plain', '<a href="https://a.example/">'),
      part('Content-Type: multipart/related; boundary=c', related),
      part(`${type}Content-Disposition: attachment; filename=x.html`, HTML),
      part('Content-Type: message/rfc822', `${type}\r\n${HTML}`),
      '--b--\r\nepilogue <a href="https://a.example/">\r\n',
    ].join('')
    const whole = message('Content-Type: multipart/alternative; boundary="b"', before)
    assert.equal(tracked(whole), whole.replace(HTML, CHANGED))
  })

  it('stays where it is signed, encrypted, of an odd charset, damaged, or not surely HTML to everybody', () => {
    for (const [fields, body] of [
      ['Content-Type: multipart/signed; boundary=b', `--b\r\n${type}\r\n${HTML}\r\n--b--\r\n`],
      ['Content-Type: multipart/mixed; boundary=b', `--b\r\n${type}\r\n${HTML}\r\n`],
      ['Content-Type: text/html; charset=utf-16', HTML],
      ['Content-Type: text/html; charset=iso-2022-jp', HTML],
      ['Content-Type: text/html\r\nContent-Type: text/plain', HTML],
      ['Content-Type: text/html\r\nContent-Transfer-Encoding: base64', 'PGE=!PGE='],
      ['Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable', '<a href="=zz">'],
      ['Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable', HTML],
      ['Content-Type: text/html\r\nContent-Transfer-Encoding: x-uuencode', HTML],
      ['Content-Type: text/html\r\nContent-Transfer-Encoding: binary', HTML],
      [
        'Content-Type: multipart/mixed; boundary=b',
        '--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n--b--\r\n',
      ],
      ['Content-Type: text/plain', HTML],
      ['Subject: no type', HTML],
    ] as const) {
      const whole = message(fields, body)
      assert.equal(tracked(whole), whole, fields)
    }
  })

  it('never gets a line that ends its part: one that the encoding had hidden', () => {
    const hidden = `<a href=3D"https://a.example/">\r\n=2D-b\r\nx</a>`
    const body = `--b\r\n${type}Content-Transfer-Encoding: quoted-printable\r\n\r\n${hidden}\r\n--b--\r\n`
    const whole = message('Content-Type: multipart/mixed; boundary=b', body)
    assert.equal(tracked(whole), whole)
  })

  it('has one picture in all, and keeps the ways out that the header names', () => {
    const link = '<a href="https://a.example/bye">x</a>'
    const body = `--b\r\n${type}\r\n${link}\r\n--b\r\n${type}\r\n${link}\r\n--b--\r\n`
    const fields = 'List-Unsubscribe: <mailto:x@y.example>,\r\n <https://a.example/bye>\r\n'
    const found = tracked(message(`${fields}Content-Type: multipart/mixed; boundary=b`, body))
    assert.equal(found.split('o.gif').length, 2)
    assert.equal(found.split(link).length, 3)
  })
})

describe('Whatever a message is', () => {
  it('nothing of it changes where nothing is counted, and nothing is thrown', () => {
    const line = fc.constantFrom(
      ...[
        '--b',
        '--b--',
        '--c',
        '--bc',
        '',
        'x',
        ' y',
        HTML,
        '=2D-b',
        '<a href="https://a.example/">',
      ],
      ...['Content-Type: text/html', 'Content-Type: multipart/mixed; boundary=b', type.trimEnd()],
      ...['Content-Type: multipart/alternative; boundary="c"', 'Content-Type: message/rfc822'],
      ...['Content-Transfer-Encoding: base64', 'Content-Transfer-Encoding: quoted-printable'],
    )
    const ends = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '')
    const lines = fc.array(fc.tuple(line, ends), { maxLength: 30 })
    const silent: LinkTracker = { link: null, pixel: null, isExempt: () => false }
    fc.assert(
      fc.property(lines, (all) => {
        const written = all.flat().join('')
        const octets = Buffer.from(written, 'latin1')
        assert.ok(Buffer.concat([...trackMessage(octets, silent)]).equals(octets))
        // In a multipart, since elsewhere a line like a delimiter is none, and may come to light.
        const whole = message('Content-Type: multipart/mixed; boundary=b', `--b\r\n${written}`)
        const changed = tracked(whole)
        // A last line without an end may get one.
        const delimiters = (text: string) =>
          `${text}\r\n`.match(/^--(?:b|c)(?:--)?\r$/gm)?.length ?? 0
        assert.equal(delimiters(changed), delimiters(whole))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('Content that is held to be tracked', () => {
  const whole = Buffer.from(message(type.trimEnd(), HTML), 'latin1')

  it('goes on changed at its end, in whatever pieces it came', () => {
    for (const size of [1, 7, whole.length]) {
      const held = new TrackedContent(tracker)
      const early: Uint8Array[] = []
      for (let at = 0; at < whole.length; at += size)
        early.push(...held.write(whole.subarray(at, at + size)))
      assert.equal(early.length, 0)
      assert.ok(held.heldOctets >= whole.length)
      const made = Buffer.concat([...held.finish()]).toString('latin1')
      assert.equal(made, whole.toString('latin1').replace(HTML, CHANGED))
      assert.equal(held.heldOctets, 0)
    }
  })

  it('goes on as it came, and at once, where it is too large', () => {
    const held = new TrackedContent(tracker)
    const large = Buffer.alloc(trackingLimits.contentOctets, 'x')
    assert.deepEqual([held.write(whole).length, held.write(large).length], [0, 2])
    assert.deepEqual(held.write(whole), [whole])
    assert.deepEqual(held.finish(), [])
  })
})
