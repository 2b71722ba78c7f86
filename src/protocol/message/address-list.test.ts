// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseAddressList } from './address-list.ts'

describe('An address list', () => {
  for (const [value, mailboxes, unreadable = 0] of [
    ['joe@example.com', ['joe@example.com']],
    ['<joe@Example.COM>', ['joe@example.com']],
    ['Joe Q. Public <joe@example.com>', ['joe@example.com']],
    ['"Doe, Jane" <jane@example.com>', ['jane@example.com']],
    ['"a\\"<evil@x.example>," <jane@example.com>', ['jane@example.com']],
    ['=?utf-8?q?J=C3=B6rg?= <joerg@example.com>', ['joerg@example.com']],
    ['Jörg <jörg@müller.example>', ['jörg@xn--mller-kva.example']],
    ['joe@example.com (Joe <evil@x.example>, (nested) )', ['joe@example.com']],
    ['(c) joe (c) @ (c) example . com', ['joe@example.com']],
    [
      'a@b.example, <c@d.example> , "x" <e@f.example>',
      ['a@b.example', 'c@d.example', 'e@f.example'],
    ],
    [
      'Team: a@b.example, C <c@d.example>;, e@f.example',
      ['a@b.example', 'c@d.example', 'e@f.example'],
    ],
    ['undisclosed-recipients:;', []],
    ['', []],
    [' , ,', []],
    ['<@one.example,@two.example:joe@example.com>', ['joe@example.com']],
    ['"quoted local"@example.com', ['"quoted local"@example.com']],
    ['joe@[192.0.2.1]', ['joe@[192.0.2.1]']],
    ['joe@example.com <jane@example.net>', ['jane@example.net']],
    ['Doe, Jane <jane@example.com>', ['jane@example.com'], 1],
    ['joe public@example.com', [], 1],
    ['<a@b.example> <c@d.example>', [], 1],
    ['Joe <joe@example.com', [], 1],
    ['Joe <<joe@example.com>', [], 1],
    ['<>', [], 1],
    ['joe', [], 1],
    ['"open <joe@example.com>', [], 1],
    ['joe@exa\0mple.com', [], 1],
  ] as const) {
    it(`of ${JSON.stringify(value)} has ${mailboxes.length} mailboxes`, () => {
      const list = parseAddressList(value, 100)
      assert.deepEqual(list.mailboxes, [...mailboxes])
      assert.equal(list.unreadable, unreadable)
    })
  }

  for (const [value, doubtful] of [
    ['Doe, Jane <jane@example.com>', 0],
    ['"ceo@example.net", jane@example.com', 0],
    ['joe@example.com <jane@example.net>', 0],
    ['Boss ceo@example.net, jane@example.com', 1],
    ['<ceo@example.net> <b@example.net>, jane@example.com', 1],
    ['jane@example.com, <ceo@example.net', 1],
    ['ceo@example.net: jane@example.com;', 1],
    ['<ceo@example.net>: jane@example.com', 1],
  ] as const) {
    it(`of ${JSON.stringify(value)} leaves ${doubtful} addresses in doubt`, () => {
      const list = parseAddressList(value, 100)
      assert.equal(list.mailboxes.length, 1)
      assert.equal(list.doubtful, doubtful)
    })
  }

  it('is read no further than the limit, in linear time', () => {
    assert.equal(parseAddressList('a@b.example,'.repeat(10_000), 5).mailboxes.length, 5)
    for (const hostile of ['(', '<', '"', '[', '((', '<(', ':', '\\'])
      parseAddressList(hostile.repeat(200_000), 5)
  })

  it('never throws, and gives nothing with a line end in it', () => {
    const piece = fc.constantFrom(
      'a',
      '@',
      '.',
      '<',
      '>',
      '(',
      ')',
      '"',
      '\\',
      ',',
      ';',
      ':',
      '[',
      ']',
      ' ',
      '\r\n',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const mailbox of parseAddressList(pieces.join(''), 100).mailboxes)
          assert.doesNotMatch(mailbox, /[\r\n]/)
      }),
      { numRuns: 2_000 },
    )
  })
})
