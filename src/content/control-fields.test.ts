// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseHeaderSection } from '../protocol/message/header-section.ts'
import { noControlFields, readControlFields } from './control-fields.ts'

function read(text: string) {
  const section = parseHeaderSection(Buffer.from(text))
  if (section.kind === 'fault') throw new TypeError(`not a header section: ${text}`)
  return readControlFields(section.fields)
}

describe('The fields of a submitter for the relay', () => {
  test('say stream, campaign, tags, metadata, a time and the sandbox, also folded and encoded', () => {
    assert.deepEqual(
      read(
        'From: ann@example.com\r\nX-Posthaste-Stream: news\r\nx-posthaste-CAMPAIGN: =?utf-8?q?J=C3=A4nner?=\r\n' +
          'X-Posthaste-Tags: weekly,\r\n big , Ab\r\nX-Posthaste-Metadata: {"order": "1",\r\n\t"to": "b"}\r\n' +
          'X-Posthaste-Send-At: 2027-01-31T13:00:00+01:00\r\nX-Posthaste-Sandbox: TRUE\r\n' +
          'X-Posthaste-Track: Clicks, opens\r\nX-Posthaste-Engagement: 70\r\n' +
          'X-Posthaste-Send-Window: 09:00-17:00 Europe/Berlin mon-fri\r\nX-Posthaste-Pace: 500000/6h\r\n',
      ),
      {
        stream: 'news',
        campaign: 'Jänner',
        tags: ['weekly', 'big', 'Ab'],
        metadata: { order: '1', to: 'b' },
        sendAt: Date.parse('2027-01-31T12:00:00Z'),
        sandbox: true,
        tracks: ['opens', 'clicks'],
        engagement: 70,
        sendWindow: '09:00-17:00 Europe/Berlin mon-fri',
        pace: '500000/6 h',
      },
    )
  })

  test('say of tracking "none" as well as nothing', () => {
    const said = read('X-Posthaste-Track: none\r\n')
    assert.deepEqual('why' in said ? said : said.tracks, [])
  })

  test('may all be missing', () => {
    assert.deepEqual(read('From: ann@example.com\r\nX-Mailer: Posthaste\r\n'), noControlFields)
  })

  const faults: readonly (readonly [name: string, header: string, why: RegExp])[] = [
    ['a name that does not exist', 'X-Posthaste-Tag: a', /did you mean X-Posthaste-Tags\?/],
    ['a name that is far from all', 'X-Posthaste-Qwertyuiop: a', /there are X-Posthaste-Stream, /],
    ['the same field twice', 'X-Posthaste-Tags: a\r\nX-Posthaste-Tags: b', /more than once/],
    ['an empty campaign', 'X-Posthaste-Campaign:', /1 to 64 characters/],
    ['a long campaign', `X-Posthaste-Campaign: ${'c'.repeat(65)}`, /1 to 64 characters/],
    ['too many tags', `X-Posthaste-Tags: ${'a,'.repeat(10)}a`, /at most 10 tags/],
    ['an empty tag', 'X-Posthaste-Tags: a,,b', /tags of 1 to 64 characters/],
    ['metadata that is no JSON', 'X-Posthaste-Metadata: order=1', /expected a JSON object/],
    ['metadata that is a list', 'X-Posthaste-Metadata: ["a"]', /expected a JSON object/],
    ['engagement beyond its scale', 'X-Posthaste-Engagement: 101', /whole number from 0 to 100/],
    ['a window in no zone', 'X-Posthaste-Send-Window: 9-17', /expected such as "09:00-17:00 E/],
    ['a pace without a time', 'X-Posthaste-Pace: 500000', /so many recipients over a time, such/],
    ['metadata with a number', 'X-Posthaste-Metadata: {"a": 1}', /expected a JSON object/],
    [
      'metadata with a long value',
      `X-Posthaste-Metadata: {"a": "${'b'.repeat(501)}"}`,
      /at most 500/,
    ],
    ['metadata with an empty name', 'X-Posthaste-Metadata: {"": "b"}', /1 to 64 characters/],
    ['a time without a zone', 'X-Posthaste-Send-At: 2027-01-31T12:00:00', /such as 2027-/],
    ['a day that does not exist', 'X-Posthaste-Send-At: 2027-13-31T12:00:00Z', /such as 2027-/],
    ['a sandbox that is neither true nor false', 'X-Posthaste-Sandbox: 1', /true or false/],
    ['tracking of something else', 'X-Posthaste-Track: opens, reads', /"opens", "clicks"/],
    [
      'a field of many octets',
      `X-Posthaste-Metadata: {"a":${' '.repeat(9_000)}"b"}`,
      /longer than/,
    ],
  ]
  for (const [name, header, why] of faults)
    test(`are refused with a sentence that helps: ${name}`, () => {
      const fault = read(`From: ann@example.com\r\n${header}\r\n`)
      assert.ok('why' in fault)
      assert.match(fault.why, why)
    })

  test('are read within their bounds or refused, whatever they hold', () => {
    const names = ['Stream', 'Campaign', 'Tags', 'Metadata', 'Send-At', 'Track', '__proto__', 'x']
    const value = fc.oneof(fc.string(), fc.json(), fc.date({ noInvalidDate: true }).map(String))
    fc.assert(
      fc.property(fc.constantFrom(...names), value, (name, text) => {
        const line = text.replaceAll(/[\r\n\0]/g, ' ')
        const said = read(`X-Posthaste-${name}: ${line}\r\n`)
        if ('why' in said) return said.why !== ''
        return (said.tags ?? []).length <= 10 && Object.keys(said.metadata ?? {}).length <= 10
      }),
    )
  })
})
