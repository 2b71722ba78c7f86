// SPDX-License-Identifier: Apache-2.0
/** Receivers as they are, and as they might be, as arbitraries. */
import fc from 'fast-check'
import type { ClientCase, Move } from './client-peer.ts'
import type { ContentCase } from './sample-content.ts'

const keywords = [
  'PIPELINING',
  'CHUNKING',
  '8BITMIME',
  'DSN',
  'SMTPUTF8',
  'ENHANCEDSTATUSCODES',
  'STARTTLS',
  'SIZE 1000',
  'SIZE 150',
  'LIMITS RCPTMAX=1 MAILMAX=1',
  'X-\xff ',
] as const

const said = [
  '250 2.0.0 ok\r\n',
  '250-a\r\n250-b\r\n250 c\r\n',
  '250-a\r\n550 b\r\n',
  '250-half',
  '250\r\n',
  '220 x\r\n',
  '354 go\r\n',
  '354 go\n',
  '421 4.3.2 bye\r\n',
  '450 4.2.1 later\r\n',
  '451\r\n',
  '452 4.5.3 too many\r\n',
  '550 5.1.1 no\r\n',
  '552 5.3.4 too big\r\n',
  '199 x\r\n',
  '600 x\r\n',
  '25',
  '\r\n',
  '\0\0\r\n',
  'HTTP/1.1 400 Bad Request\r\n',
  `250 ${'x'.repeat(110)}\r\n`,
  `250 ${'x'.repeat(130)}\r\n`,
  '250-y\r\n'.repeat(15),
  '*'.repeat(130),
] as const

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 14, arbitrary: fc.constant({ kind: 'apt' } as const) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(220, 250, 354, 354, 421, 450, 452, 550, 554)
      .map((code) => ({ kind: 'answer', code }) as const),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...said)
      .map((text) => ({ kind: 'say', octets: Buffer.from(text, 'latin1') }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Move>({ kind: 'wait' }, { kind: 'turn' }, { kind: 'turn' }),
  },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 12 })
      .map((octets) => ({ kind: 'say', octets: Buffer.from(octets) }) as const),
  },
)

const apt: Move = { kind: 'apt' }
const ready: Move = { kind: 'ready' }

const content: fc.Arbitrary<ContentCase> = fc.record({
  recipients: fc.integer({ min: 1, max: 3 }),
  text: fc
    .array(fc.constantFrom('Subject: x\r\n', '\r\n', '.\r\n', '..a\r\n', 'text '.repeat(9), 'ü'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  source: fc.constantFrom('whole', 'whole', 'stream', 'short-stream', 'broken-stream'),
})

export const clientCase: fc.Arbitrary<ClientCase> = fc.record({
  extensions: fc.subarray([...keywords]),
  tls: fc.constantFrom(
    'none',
    'none',
    'opportunistic',
    'opportunistic',
    'opportunistic',
    'require',
    'verify',
  ),
  handshake: fc.constantFrom('done', 'done', 'unverified', 'broken'),
  mayPipeline: fc.constantFrom(true, true, false),
  opening: fc.constantFrom<readonly Move[]>([], [apt, apt], [ready], [ready], [ready], [ready]),
  moves: fc.array(move, { maxLength: 16 }),
  lengths: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
  isSlow: fc.boolean(),
  transactions: fc.array(content, { minLength: 1, maxLength: 3 }),
  ending: fc.constantFrom('apt', 'apt', 'close', 'silence', 'abort'),
})
