// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { instant } from '../base/brand.ts'
import { SeededRandom } from '../base/random.ts'
import { journalId, newMessageId } from '../events/ids.ts'
import { reply } from '../protocol/reply.ts'
import { streamPolicies } from '../records/stream-defaults.ts'
import { type Beginning, ContentIntake, type Handle } from './content-intake.ts'

const options = {
  id: newMessageId(instant(0), journalId(0), new SeededRandom(1)),
  hostname: 'relay.example',
  now: instant(0),
  trace: { address: '192.0.2.1', helo: 'client.example', protocol: 'ESMTP', tls: null },
  smtputf8: false,
  priority: 0,
  forRecipient: null,
}
const policy = streamPolicies('transactional')

function take(chunks: readonly string[], handle: Handle = () => policy) {
  const intake = new ContentIntake(options, handle)
  const written = chunks.flatMap((chunk) => intake.write(Buffer.from(chunk)))
  const end = intake.finish()
  if (end.kind === 'fault') return end
  return { ...end, text: Buffer.concat([...written, ...end.chunks]).toString() }
}

describe('Content on its way in', () => {
  test('says its control fields and From domain before anything is done to it, and leaves without them', () => {
    const asked: Beginning[] = []
    const taken = take(
      [
        'X-Posthaste-Stream: news\r\nFrom: Ann <ann@News.Example>\r\nSub',
        'ject: x\r\n\r\nHello\r\n',
      ],
      (beginning) => {
        asked.push(beginning)
        return policy
      },
    )
    assert.equal(asked.length, 1)
    assert.equal(asked[0]?.said.stream, 'news')
    assert.equal(asked[0]?.fromDomain(), 'news.example')
    assert.ok('text' in taken)
    assert.doesNotMatch(taken.text, /posthaste-stream/i)
    assert.match(taken.text, /\r\n\r\nHello\r\n$/)
    assert.equal(taken.size, taken.text.length)
  })

  test('is prepared as the stream wants that its header names', () => {
    const text = 'From: ann@example.com\r\nMIME-Version: 1.0\r\n\r\nÄ\r\n'
    const taken = take([text], () => ({ ...policy, eightBit: 'quoted-printable' }))
    assert.ok('text' in taken)
    assert.match(taken.text, /=C3=84/)
  })

  test('is refused by whoever handles it, once, and what comes then is dropped', () => {
    const refused = reply(550, '5.6.0', 'no')
    const taken = take(['From: ann@example.com\r\n\r\n', 'Hello\r\n'], () => ({ refused }))
    assert.deepEqual(taken, { kind: 'fault', reply: refused })
  })

  test('is refused with the sentence about a control field', () => {
    const taken = take(['From: ann@example.com\r\nX-Posthaste-Tags: ,\r\n\r\nHello\r\n'])
    assert.ok(taken.kind === 'fault')
    assert.match(taken.reply.text, /^X-Posthaste-Tags: expected tags/)
  })

  for (const [name, text] of [
    ['nothing', ''],
    ['a blank line first', '\r\nHello\r\n'],
    ['a line that is no field', 'Hello\r\n\r\n'],
    ['a header section without end', `From: ann@example.com\r\n${'X: y\r\n'.repeat(50_000)}`],
  ] as const)
    test(`is refused as before where it has no header to read: ${name}`, () => {
      assert.equal(take([text]).kind, 'fault')
    })

  test('without a blank line is a header section alone, and still says its control fields', () => {
    let stream: string | null = null
    const taken = take(['From: ann@example.com\r\nX-Posthaste-Stream: news'], ({ said }) => {
      stream = said.stream
      return policy
    })
    assert.equal(stream, 'news')
    assert.ok('text' in taken)
    assert.match(taken.text, /From: ann@example.com\r\n/)
  })

  test('comes out the same however it was split', () => {
    const text = 'From: ann@example.com\r\nX-Posthaste-Tags: a\r\nSubject: x\r\n\r\nHello\r\nÄ\r\n'
    const whole = take([text])
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length]
        assert.deepEqual(
          Object.entries(take(at.slice(1).map((end, i) => text.slice(at[i], end)))).find(
            ([key]) => key === 'text',
          ),
          Object.entries(whole).find(([key]) => key === 'text'),
        )
      }),
    )
  })
})
