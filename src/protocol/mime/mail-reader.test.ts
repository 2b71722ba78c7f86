// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentOf, readMail, textOf } from './mail-reader.ts'
import { plainTextOfHtml } from './plain-text-of-html.ts'
import { decodeQuotedPrintable, encodeLines } from './quoted-printable.ts'

function texts(...lines: readonly string[]): readonly string[] {
  const mail = readMail(Buffer.from(lines.join('\r\n'), 'latin1'))
  return mail.parts.map((part) => `${part.type}: ${textOf(part).trim()}`)
}

describe('A mail of somebody else', () => {
  it('is taken apart into what is no multipart', () => {
    assert.deepEqual(
      texts(
        'Content-Type: multipart/mixed; boundary=a',
        '',
        'Nobody reads this.',
        '--a',
        'Content-Type: multipart/alternative; boundary="a b"',
        '',
        '--a b',
        '',
        'plain',
        '--a b',
        'Content-Type: text/html',
        '',
        '<p>html',
        '--a b--',
        '--a',
        'Content-Type: message/rfc822',
        '',
        'Subject: whole',
        '--a--',
        'Nor this.',
      ),
      ['text/plain: plain', 'text/html: <p>html', 'message/rfc822: Subject: whole'],
    )
  })

  it('may lack the end of its multipart, or have none of its delimiters', () => {
    const type = 'Content-Type: multipart/mixed; boundary=a'
    assert.deepEqual(texts(type, '', '--a', '', 'cut short'), ['text/plain: cut short'])
    assert.deepEqual(texts(type, '', 'no delimiter'), ['text/plain: no delimiter'])
    assert.deepEqual(texts('no header at all'), ['text/plain: no header at all'])
  })

  for (const [charset, encoding, body, expected] of [
    ['utf-8', '8bit', 'caf\xc3\xa9', 'café'],
    ['', '8bit', 'caf\xc3\xa9', 'café'],
    ['', '8bit', 'caf\xe9', 'café'],
    ['us-ascii', '8bit', 'caf\xe9', 'café'],
    ['no-such-charset', 'quoted-printable', 'caf=E9=\r\n!', 'café!'],
    ['gb2312', 'base64', 'zcvQxQ==', '退信'],
    ['iso-2022-jp', '7bit', '\x1b$BF|K\\\x1b(B', '日本'],
    ['koi8-r', '8bit', '\xf0\xf2\xe9', 'ПРИ'],
  ] as const)
    it(`is text in ${charset || 'no charset'} by ${encoding}`, () => {
      const type = `Content-Type: text/plain; charset=${charset}`
      const [part] = readMail(
        Buffer.from(`${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`, 'latin1'),
      ).parts
      assert.ok(part)
      assert.equal(textOf(part), expected)
    })

  it('gives every octet of a part in base64 back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        const encoded = Buffer.from(octets).toString('base64')
        const mail = readMail(Buffer.from(`Content-Transfer-Encoding: base64\n\n${encoded}`))
        const [part] = mail.parts
        assert.ok(part)
        const expected = Buffer.from(octets).toString('latin1').replaceAll('\r\n', '\n')
        assert.equal(contentOf(part), expected)
      }),
    )
  })
})

describe('Quoted-printable', () => {
  it('gives back every octet that was encoded', () => {
    const line = fc.stringMatching(/^[ -~é\t]{0,90}$/)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\r\n')
        const encoded = encodeLines(Buffer.from(text, 'latin1'))?.toString('latin1') ?? ''
        const decoded = decodeQuotedPrintable(encoded.replaceAll('\r\n', '\n'))
        assert.equal(decoded.toString('latin1'), text.replaceAll('\r\n', '\n'))
      }),
    )
  })

  it('leaves what is no encoding as it is', () => {
    for (const text of ['a=b', '=', '=X1', 'a = b'])
      assert.equal(decodeQuotedPrintable(text).toString(), text)
  })
})

describe('The words of a page', () => {
  for (const [html, text] of [
    ['a<br>b', 'a\nb'],
    ['<p>a</p><p>b</p>', '\na\nb\n'],
    ['a <b>b</b>&nbsp;&lt;c@d.example&gt; &#64; &#x40; &copy;', 'a b <c@d.example> @ @ &copy;'],
    ['<style>p{}</style>a<script>if (1 < 2) "</p>"</script>b', 'ab'],
    ['<!-- <p> -->a', 'a'],
    ['1 < 2 > 0', '1 < 2 > 0'],
    ['a<', 'a<'],
    ['&#0;&#9999999;&#xD800;', '&#0;&#9999999;\ufffd'],
  ] as const)
    it(`of ${html.slice(0, 30)} are without tags`, () => assert.equal(plainTextOfHtml(html), text))
})
