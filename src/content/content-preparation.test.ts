// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import type { ContentPolicy } from './content-policy.ts'
import { ContentPreparation } from './content-preparation.ts'

const keep: ContentPolicy = { eightBit: 'keep', longLines: 'fold' }
const encode: ContentPolicy = { eightBit: 'quoted-printable', longLines: 'fold' }
const long = `${'0123456789 '.repeat(100)}\r\n`
const head = 'From: a@b.example\r\nMIME-Version: 1.0\r\n'

function prepared(text: string, policy = encode, sizes: readonly number[] = []) {
  const preparation = new ContentPreparation(policy)
  const octets = Buffer.from(text)
  const made: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    made.push(...preparation.write(octets.subarray(at, at + size)))
    at += size
  }
  made.push(...preparation.write(octets.subarray(at)))
  made.push(...preparation.finish())
  return { text: Buffer.concat(made).toString(), fault: preparation.fault }
}

function assertPrepared(text: string, expected: string, policy = encode): void {
  assert.deepEqual(prepared(text, policy), { text: expected, fault: null })
}

/** A multipart with these parts, each with its header. */
function multipart(parts: readonly string[], subtype = 'mixed', boundary = 'b'): string {
  const type = `Content-Type: multipart/${subtype};\r\n boundary="${boundary}"\r\n\r\n`
  return `${type}${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`
}

describe('Content in which nothing is wrong', () => {
  for (const [what, text, policy] of [
    ['7-bit content', `${head}\r\nHello\r\n--\r\nJane\r\n`, encode],
    ['8-bit content that may stay so', `${head}\r\ncafé\r\n`, keep],
    ['no blank line', head, encode],
    ['nothing', '', encode],
    ['no header', '\r\nHello', encode],
  ] as const)
    it(`is passed on as it came: ${what}`, () => assertPrepared(text, text, policy))

  it('is passed on in the very chunks that came', () => {
    const preparation = new ContentPreparation(encode)
    const chunks = [Buffer.from(head), Buffer.from('\r\nHel'), Buffer.from('lo\r\n')]
    assert.deepEqual(
      chunks.flatMap((chunk) => preparation.write(chunk)),
      [],
    )
    for (const [at, chunk] of preparation.finish().entries()) assert.equal(chunk, chunks[at])
  })

  it('is not held beyond a bound, and not copied where it is large', () => {
    const preparation = new ContentPreparation(encode)
    const header = `${head}Content-Transfer-Encoding: base64\r\n\r\n`
    const body = Buffer.from(`${'A'.repeat(76)}\r\n`.repeat(10_000))
    let made = preparation.write(Buffer.from(header)).length
    for (let at = 0; at < body.length; at += 16_384)
      for (const octets of preparation.write(body.subarray(at, at + 16_384))) {
        assert.ok(octets.length < 100 || octets.buffer === body.buffer)
        made += octets.length
      }
    assert.ok(made >= body.length - contentLimits.wholeOctets)
  })
})

describe('An 8-bit body becomes quoted-printable', () => {
  const asText = 'Content-Type: text/plain; charset=utf-8\r\n'
  const eight = 'Content-Transfer-Encoding: 8bit\r\n'
  const quoted = 'Content-Transfer-Encoding: quoted-printable\r\n'

  it('with its type and character set as they were', () => {
    assertPrepared(
      `${head}${eight}${asText}Subject: x\r\n\r\ncafé = 1\r\n`,
      `${head}${asText}Subject: x\r\n${quoted}\r\ncaf=C3=A9 =3D 1\r\n`,
    )
  })

  it('also where no field or a wrong one said that it is 8-bit', () => {
    for (const encoding of ['', 'Content-Transfer-Encoding: 7bit (so)\r\n', eight.toUpperCase()])
      assertPrepared(`${head}${asText}${encoding}\r\né`, `${head}${asText}${quoted}\r\n=C3=A9`)
  })

  it('as MIME where it was none, of a character set that nobody knows', () => {
    assertPrepared(
      'From: a@b.example\r\n\r\né\r\n',
      `From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n${quoted}\r\n=C3=A9\r\n`,
    )
  })

  it('in those parts that need it, and in no other', () => {
    const parts = [`${asText}${eight}\r\né`, `${asText}\r\nplain`, '\r\nno type', `${asText}\r\né`]
    const inner = `X: y\r\n${multipart(parts, 'alternative', 'b-inner')}`
    const attached = `Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA`
    const encoded = [
      `${asText}${quoted}\r\n=C3=A9`,
      `${asText}\r\nplain`,
      '\r\nno type',
      `${asText}${quoted}\r\n=C3=A9`,
    ]
    assertPrepared(
      `${head}${multipart([inner, attached])}epilogue`,
      `${head}${multipart([`X: y\r\n${multipart(encoded, 'alternative', 'b-inner')}`, attached])}epilogue`,
    )
  })

  it('within a message within the message, of which only its own parts are encoded', () => {
    const message = (body: string) => `Content-Type: message/rfc822\r\n\r\n${head}${body}`
    assertPrepared(
      `${head}${multipart([message(`${asText}${eight}\r\né`)])}`,
      `${head}${multipart([message(`${asText}${quoted}\r\n=C3=A9`)])}`,
    )
    const digest = (body: string) => multipart([`\r\n${head}${body}`], 'digest')
    assertPrepared(
      `${head}${digest(`${asText}\r\né`)}`,
      `${head}${digest(`${asText}${quoted}\r\n=C3=A9`)}`,
    )
  })

  it('but never within what is signed or encrypted', () => {
    for (const subtype of ['signed', 'encrypted']) {
      const guarded = multipart(
        [`${asText}${eight}\r\né`, multipart([`\r\né`], 'mixed', 'c')],
        subtype,
        'g',
      )
      assertPrepared(`${head}${guarded}`, `${head}${guarded}`)
      assertPrepared(
        `${head}${multipart([guarded, `${asText}\r\né`])}`,
        `${head}${multipart([guarded, `${asText}${quoted}\r\n=C3=A9`])}`,
      )
    }
  })

  it('and nothing that could not be: reports, unknown encodings, broken headers, no boundary', () => {
    for (const part of [
      'Content-Type: message/delivery-status\r\n\r\né',
      'Content-Transfer-Encoding: x-uuencode\r\n\r\né',
      'no field\r\n\r\né',
      'Content-Type: multipart/mixed\r\n\r\né',
      'Content-Type: multipart/mixed; boundary=c\r\nContent-Transfer-Encoding: base64\r\n\r\né',
    ])
      assertPrepared(`${head}${multipart([part])}`, `${head}${multipart([part])}`)
  })

  it('though the delimiter looks like the one around it, or has white space behind it', () => {
    const inner = multipart([`\r\né`], 'mixed', 'bb')
    const text = `${head}${multipart([inner, 'Content-Type: a/b\r\n\r\né'])}`.replace(
      '--b--',
      '--b-- \t',
    )
    const { text: made } = prepared(text)
    assert.equal(made.match(/^Content-Transfer-Encoding: quoted-printable\r$/gm)?.length, 2)
    assert.match(made, /--bb--\r\n\r\n--b\r\nContent-Type: a\/b\r\n/)
  })
})

describe('A line of more than 998 octets', () => {
  it('makes its body quoted-printable', () => {
    const { text, fault } = prepared(`${head}\r\nshort\r\n${long}`, keep)
    assert.equal(fault, null)
    assert.match(text, /^Content-Transfer-Encoding: quoted-printable\r$/m)
    for (const line of text.split('\r\n')) assert.ok(line.length <= 76)
    const body = text.slice(text.indexOf('\r\n\r\n') + 4)
    assert.equal(body.replaceAll('=\r\n', '').replaceAll('=20', ' '), `short\r\n${long}`)
  })

  it('is broken in base64, where that changes nothing', () => {
    const header = `${head}Content-Transfer-Encoding: Base64\r\n\r\n`
    for (const length of [999, 1_064, 1_065, 5_000]) {
      const line = 'QUJD'.repeat(2_000).slice(0, length)
      const { text } = prepared(`${header}AAAA\r\n${line}\r\nBBBB`, keep)
      const lines = text.slice(header.length).split('\r\n')
      assert.ok(lines.every((one) => one.length > 0 && one.length <= 76))
      assert.equal(lines.join(''), `AAAA${line}BBBB`)
    }
  })

  it('is folded in a header, at white space', () => {
    const words = 'word '.repeat(500)
    const { text, fault } = prepared(`${head}Subject: ${words}end\r\n\r\nHi\r\n`, keep)
    assert.equal(fault, null)
    for (const line of text.split('\r\n')) assert.ok(line.length <= 998)
    assert.equal(text.replaceAll(/\r\n(?= )/g, ''), `${head}Subject: ${words}end\r\n\r\nHi\r\n`)
    assert.doesNotMatch(text, /\n[ \t]+\r/)
  })

  it('is refused where it cannot be changed', () => {
    const unbroken = `${'x'.repeat(1_000)}\r\n`
    for (const text of [
      `${head}Subject: ${unbroken}\r\nHi\r\n`,
      `${head}Subject:${' '.repeat(1_000)}x\r\n\r\nHi\r\n`,
      `${head}Content-Transfer-Encoding: quoted-printable\r\n\r\n${unbroken}`,
      `${head}${multipart([`\r\n${unbroken}`], 'signed')}`,
      `${head}${multipart(['\r\nx'])}${unbroken}`,
    ])
      assert.equal(prepared(text, keep).fault?.code, 554, text.slice(0, 80))
  })

  it('is refused anywhere where the policy says so', () => {
    const policy: ContentPolicy = { ...encode, longLines: 'refuse' }
    for (const text of [
      `${head}\r\n${long}`,
      `${head}Subject: ${long}\r\nHi\r\n`,
      `${head}Content-Transfer-Encoding: base64\r\n\r\n${'AAAA'.repeat(300)}\r\n`,
      `${head}\r\né\r\n${long}`,
    ])
      assert.equal(prepared(text, policy).fault?.code, 554, text.slice(0, 80))
    assert.equal(prepared(`${head}\r\n${'x'.repeat(998)}\r\n`, policy).fault, null)
  })

  it('is folded in the header of a signed message, which the signature is not about', () => {
    const subject = `Subject:${' word'.repeat(300)}\r\n`
    const { text, fault } = prepared(`${head}${subject}${multipart(['\r\nx'], 'signed')}`, keep)
    assert.equal(fault, null)
    assert.ok(text.split('\r\n').every((one) => one.length <= 998))
  })

  it('is refused where it comes too late for a body that was passed on', () => {
    const body = 'Nothing to see here.\r\n'.repeat(20_000)
    assertPrepared(`${head}\r\n${body}`, `${head}\r\n${body}`, keep)
    assert.equal(prepared(`${head}\r\n${body}${long}`, keep).fault?.code, 554)
  })

  it('is refused, not gathered, where it does not end', () => {
    const endless = 'x'.repeat(serverLimits.textLineOctets + 1)
    assert.equal(prepared(`${head}\r\n${endless}`, keep).fault?.code, 554)
  })
})

describe('Prepared content', () => {
  it('is the same for every chunking', () => {
    const parts = [
      `\r\né ${long}`,
      `Content-Transfer-Encoding: base64\r\n\r\n${'AAAA'.repeat(400)}`,
    ]
    const inner = multipart(['\r\n--c', '\r\né', `\r\n${long}`], 'mixed', 'c')
    const small = `${head}${multipart([...parts, inner])}é\r\n`
    const plain = 'Nothing to see here.\r\n--\r\n'.repeat(3_000)
    const large = `${head}${multipart([`\r\n${plain}`, ...parts, inner, `\r\n${plain}é`])}`
    for (const [text, size] of [
      [small, 200],
      [large, 5_000],
    ] as const)
      for (const policy of [encode, keep]) {
        const whole = prepared(text, policy)
        assert.equal(whole.fault, null)
        fc.assert(
          fc.property(fc.array(fc.nat(size), { maxLength: 60 }), (sizes) => {
            assert.deepEqual(prepared(text, policy, sizes), whole)
          }),
          { numRuns: 50 },
        )
      }
  })

  it('is 7-bit and short of lines, whatever came, where nothing forbids it', () => {
    const line = fc.constantFrom(
      'é',
      'plain',
      long.trimEnd(),
      '--b',
      '--b--',
      '',
      ' \t',
      '.',
      '=',
      'Content-Type: x',
    )
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, isLarge) => {
        const body = `${lines.join('\r\n')}\r\n`.repeat(isLarge ? 200 : 1)
        const { text, fault } = prepared(`${head}\r\n${body}`)
        assert.equal(fault, null)
        assert.match(text, /^[\r\n\t\x20-\x7e]*$/)
        assert.ok(text.split('\r\n').every((one) => one.length <= 998))
      }),
    )
  })

  it('may have lengthened a large body that had no need of it, and changed nothing of it', () => {
    const body = 'Nothing = to see here.\r\n'.repeat(20_000)
    const { text } = prepared(`${head}\r\n${body}`)
    assert.ok(body.length > contentLimits.undecidedOctets)
    const [made = ''] = text.split('\r\n\r\n').slice(1)
    assert.equal(made.replaceAll('=3D', '='), body)
  })
})
