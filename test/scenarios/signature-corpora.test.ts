// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { ContentPolicy } from '../../src/content/content-policy.ts'
import { RelaxedBodyHash } from '../../src/protocol/dkim/relaxed-body.ts'
import { canonicaliseFields } from '../../src/protocol/dkim/relaxed-header.ts'
import {
  findHeaderEnd,
  type HeaderField,
  parseHeaderSection,
} from '../../src/protocol/message/header-section.ts'
import { corpus, filesOf, withCrlf } from '../support/corpus.ts'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { otherVerifiers } from '../support/other-verifiers.ts'
import { signMessage } from '../support/signed-message.ts'

const canonicalization = corpus('dkim/canonicalization')
const mime = corpus('mime')
const addedNames = new Set(['date', 'message-id'])
/**
 * Ends in white space without a line end, of which the corpus keeps one space. Mail that goes by DATA gets a line end there,
 * and then RFC 6376 §3.4.4 leaves nothing of it: whoever keeps it, signs what cannot be verified.
 */
const openEnd = '24'
const removedNames = new Set(['bcc', 'resent-bcc', 'return-path'])

describe('The relaxed canonical form', { skip: canonicalization === null }, () => {
  const files = canonicalization === null ? new Map<string, Buffer>() : filesOf(canonicalization)
  for (const [name, expected] of files) {
    const number = /^relaxed\.expected\.(\d+)$/.exec(name)?.[1]
    const original = files.get(`email.${number}`)
    if (number === undefined || original === undefined) continue
    const what = number === openEnd ? ', once its last line has an end, but for that line' : ''
    it(`of the corpus's email ${number} is the expected one${what}`, () => {
      // A CR inside a line is part of the example.
      const lines = original.toString('latin1').replaceAll('\n', '\r\n')
      const content = Buffer.from(number === openEnd ? `${lines}\r\n` : lines, 'latin1')
      const end = endOf(content)
      const expectedEnd = endOf(expected)
      assert.equal(
        canonicaliseFields(fieldsOf(content, end)).toString(),
        expected.subarray(0, expectedEnd).toString(),
      )
      const body = new RelaxedBodyHash()
      body.update(content.subarray(end + 2))
      const expectedBody = expected.toString('latin1', expectedEnd + 2)
      const wanted =
        number === openEnd ? expectedBody.replace(/^(?:\r\n)+ \r\n$/, '') : expectedBody
      assert.equal(body.digest(), hash('sha256', Buffer.from(wanted, 'latin1'), 'base64'))
    })
  }
})

describe('Mail of the MIME corpus', { skip: mime === null }, () => {
  it('is changed in nothing but the fields that we add and remove, verifies, or is refused with a reason', async (context) => {
    const refused: string[] = []
    let signed = 0
    for (const [name, octets] of mime === null ? [] : filesOf(mime)) {
      const original = submittable(octets)
      const message = await signMessage([original])
      if (message.kind === 'refused') {
        assert.ok([550, 554].includes(message.reply.code))
        refused.push(`${name}: ${message.reply.text}`)
        continue
      }
      if (!hasLongLine(original)) assertOnlyHeaderEdited(original, message.content, name)
      const results = await verifySignatures(message.octets)
      // The corpus's own signatures come after ours.
      assert.deepEqual(results.slice(0, 2), ['pass', 'pass'], name)
      signed++
    }
    context.diagnostic(`${signed} signed and verified, ${refused.length} refused`)
    for (const line of refused) context.diagnostic(line)
    assert.ok(signed > refused.length * 10)
  })
})

describe('Both signatures of all mail of the corpora', { skip: mime === null }, () => {
  const files = ['mime', 'dkim'].flatMap((name) => {
    const folder = corpus(name)
    const isMail = (file: string) => name === 'mime' || /\.msg$|email\.\d+$/.test(file)
    return folder === null ? [] : [...filesOf(folder)].filter(([file]) => isMail(file))
  })
  const policies: readonly ContentPolicy[] = [
    { eightBit: 'keep', longLines: 'fold' },
    { eightBit: 'quoted-printable', longLines: 'fold' },
  ]
  const signedBy = async (policy: ContentPolicy): Promise<ReadonlyMap<string, Buffer>> => {
    const signed = new Map<string, Buffer>()
    for (const [file, octets] of files) {
      // No listener takes it.
      if (octets.includes(0)) continue
      const message = await signMessage([submittable(octets)], {}, policy)
      if (message.kind === 'signed') signed.set(file, message.octets)
    }
    assert.ok(signed.size > files.length * 0.9)
    return signed
  }
  for (const policy of policies) {
    it(`verify with mailauth, 8-bit bodies: ${policy.eightBit}`, async (context) => {
      const signed = await signedBy(policy)
      const wrong: string[] = []
      for (const [file, octets] of signed) {
        const [first, second] = await verifySignatures(octets)
        if (first !== 'pass' || second !== 'pass') wrong.push(`${file}: ${first}, ${second}`)
      }
      context.diagnostic(`${signed.size} verified of ${files.length}`)
      assert.deepEqual(wrong, [])
    })
    for (const { name, verify } of otherVerifiers)
      it(`verify with ${name}, 8-bit bodies: ${policy.eightBit}`, {
        skip: verify === null && `${name} is not installed`,
      }, async (context) => {
        assert.ok(verify)
        const signed = await signedBy(policy)
        const verdicts = verify([...signed.values()])
        const wrong = [...signed.keys()].filter(
          (_, index) => verdicts[index]?.passed !== verdicts[index]?.of,
        )
        context.diagnostic(`${signed.size} verified of ${files.length}`)
        assert.deepEqual(wrong, [])
      })
  }
})

/** As a client would send it: without the line of an mbox file, from somebody, and with a line end at its end. */
function submittable(octets: Buffer): Buffer {
  const text = withCrlf(octets)
    .toString('latin1')
    .replace(/^\s*>?From .*\r\n/, '')
  const header = text.slice(0, endOf(Buffer.from(text, 'latin1')))
  const from = /^from\s*:/im.test(header) ? '' : 'From: joe@example.com\r\n'
  return Buffer.from(from + (text.endsWith('\r\n') ? text : `${text}\r\n`), 'latin1')
}

function assertOnlyHeaderEdited(original: Buffer, content: Buffer, name: string): void {
  const end = endOf(original)
  const newEnd = endOf(content)
  assert.ok(
    original.subarray(end + 2).equals(content.subarray(newEnd + 2)),
    `the body of ${name} is as it was`,
  )
  const before = fieldsOf(original, end).filter((field) => !removedNames.has(field.name))
  const [received, ...after] = fieldsOf(content, newEnd)
  assert.equal(received?.name, 'received')
  assert.deepEqual(after.slice(0, before.length).map(textOf), before.map(textOf), name)
  for (const added of after.slice(before.length)) {
    assert.ok(addedNames.has(added.name), `${added.name} of ${name}`)
    assert.ok(!before.some((field) => field.name === added.name))
  }
}

/** The end of the header section, also where no blank line follows. */
function endOf(content: Buffer): number {
  const end = findHeaderEnd(content)
  return end === -1 ? content.length : end
}

function hasLongLine(content: Buffer): boolean {
  return content
    .toString('latin1')
    .split('\r\n')
    .some((line) => line.length > 998)
}

function fieldsOf(content: Buffer, end: number): readonly HeaderField[] {
  const section = parseHeaderSection(content, end)
  assert.ok(section.kind === 'section', JSON.stringify(section))
  return section.fields
}

function textOf(field: HeaderField): string {
  return field.source.toString('latin1', field.start, field.end)
}
